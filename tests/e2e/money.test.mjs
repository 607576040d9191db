// The whole way of a sale: a lead becomes a customer and an opportunity, the opportunity is won on its
// board, the contract is planned and comes into force, two payments are reported, confirmed and
// allocated, one is taken back; the statement, finance's desk and the workbench show what became of it.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { administrator, api, axeClean, browser, day, fitsWidth, noProblems, server } from "./support.mjs";

const app = browser();
const own = [];
after(() => own.forEach((one) => one.stop()));

/** What people read, by language. */
const words = {
  en: {
    convert: "Convert", sheet: "Convert the lead", too: "Make an opportunity too", amount: "Amount",
    close: "Expected close", show: "Show the opportunity", move: "Move", contract: "Make a contract",
    submit: "Bring into force", unplanned: "Plan first how it is to be paid.", plan: "Plan", sums: "sums up",
    last: "Amount of instalment 3", first: "Due day of instalment 1", short: "¥0.01 missing", save: "Save",
    planned: "The plan is saved.", force: "The contract is in force.", late: "9 days overdue",
    report: "Report a payment", confirm: "Confirm", oldest: "Oldest first", allocate: "Allocate",
    atDesk: "Confirm, oldest first", confirmed: "Confirmed.", reverse: "Reverse", reason: "Reason",
    reversed: "Taken back", money: "Money", opening: "Brought forward", receivables: "Receivables",
    receipts: "Receipts",
  },
  "zh-Hans": {
    convert: "转换", sheet: "转换线索", too: "同时建立商机", amount: "金额", close: "预计成交日",
    show: "查看商机", move: "移动", contract: "生成合同", submit: "生效", unplanned: "请先制定回款计划。",
    plan: "制定计划", sums: "已对齐", last: "第 3 期金额", first: "第 1 期到期日", short: "还差 ¥0.01",
    save: "保存", planned: "计划已保存。", force: "合同已生效。", late: "逾期 9 天", report: "登记回款",
    confirm: "确认", oldest: "先核销最早", allocate: "核销", atDesk: "确认并先核销最早",
    confirmed: "已确认。", reverse: "冲销", reason: "原因", reversed: "已撤回", money: "款项",
    opening: "期初余额", receivables: "应收", receipts: "回款金额",
  },
};

const button = (where, name) => where.getByRole("button", { name, exact: true });
const toast = (page, text) => page.locator(".toast-text", { hasText: text }).first().waitFor();

/** Answers what a stage asks for: ticks everything, fills in the expected day, gives a reason. */
async function answer(page, t, reasons) {
  const dialog = page.locator("dialog[open]");
  await button(dialog, t.move).waitFor();
  for (const box of await dialog.getByRole("checkbox").all()) await box.check();
  const closes = dialog.locator('[data-field="expected_close_on"] input').first();
  if (await closes.count()) await closes.fill(day(30));
  if (reasons) {
    const offered = await dialog.getByRole("radiogroup").first().getByRole("radio").count();
    assert.equal(offered, reasons, "the reasons for this outcome alone");
    await dialog.getByRole("radio").first().check();
    await axeClean(page);
  }
  await button(dialog, t.move).click();
  await dialog.waitFor({ state: "detached" }).catch(() => {});
}

/** Lifts something by a finger that rests on it, and drops it where `over` is. */
async function fingerDrag(page, from, to, over) {
  const session = await page.context().newCDPSession(page);
  const touch = (type, [x, y] = []) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints: x === undefined ? [] : [{ x, y }] });
  await touch("touchStart", from);
  await page.locator(".kanban-ghost").waitFor();
  await touch("touchMove", to);
  await over.waitFor();
  await touch("touchEnd");
}

async function journey({ ada, at, screen, theme, locale, name }) {
  const t = words[locale];
  const phone = screen === "phone";
  const { items: stages } = await ada.call("GET", "/api/v1/stages?sort=position&limit=50");
  const lead = await ada.call("POST", "/api/v1/leads", {
    name: `${name} 王`, company: name, phone: `139${String(Date.now()).slice(-8)}`,
    amount: { amount: 10_000_001, currency: "CNY" },
  });
  await ada.call("POST", `/api/v1/leads/${lead.id}/claim`);
  const received = async () => {
    const { figures } = await ada.call("GET", "/api/v1/workbench/figures");
    return figures.find((one) => one.metric === "receipts").actual;
  };
  const before = await received();
  const page = await app.open({ screen, theme, locale, at, path: `/leads/${lead.id}`, storageState: ada.storageState() });
  const seen = async () => {
    await page.locator(".skeleton").first().waitFor({ state: "detached" });
    await axeClean(page);
    await fitsWidth(page);
  };

  // The lead becomes a customer with an opportunity.
  await button(page.locator(".record-head"), t.convert).click();
  const sheet = page.getByRole("dialog", { name: t.sheet });
  await sheet.getByRole("checkbox", { name: t.too }).check();
  await sheet.getByRole("textbox", { name: t.amount }).waitFor();
  await axeClean(page);
  await button(sheet, t.convert).click();
  await button(page.locator(".toast"), t.show).click();
  await page.locator(".stage-history li").first().waitFor();
  await seen();
  const opportunity = new URL(page.url()).pathname.split("/").at(-1);
  const made = await ada.call("GET", `/api/v1/opportunities/${opportunity}`);
  const customer = made.customer_id;

  // It is won on the board: by the mouse at once, by a finger step by step.
  const way = stages.filter((one) => one.pipeline_id === made.pipeline_id);
  const won = way.findIndex((one) => one.stage_kind === "won");
  const lane = (at) => page.locator(`.lane[data-lane="${way[at].id}"]`);
  const card = (at) => lane(at).locator(`.kanban-card[data-id="${opportunity}"]`);
  await page.goto("/opportunities");
  await card(0).waitFor();
  await seen();
  if (phone) {
    const box = await card(0).boundingBox();
    const y = box.y + box.height / 2;
    const next = page.locator(`.lane.over[data-lane="${way[1].id}"]`);
    await fingerDrag(page, [box.x + box.width / 2, y], [380, y], next);
    await answer(page, t);
    await card(1).waitFor();
    // The far ones are quicker by keys, as with a keyboard at the tablet.
    for (let at = 1; at < won; at += 1) {
      await card(at).focus();
      await page.keyboard.press("Shift+ArrowRight");
      await answer(page, t, at + 1 === won ? 6 : 0);
      await card(at + 1).waitFor();
    }
  } else {
    await card(0).dragTo(lane(won).locator(".lane-cards"));
    await answer(page, t, 6);
    await card(won).waitFor();
  }

  // The contract of it; a draft without a plan does not come into force.
  await page.goto(`/opportunities/${opportunity}`);
  await button(page.locator(".record-head"), t.contract).click();
  await page.waitForURL("**/contracts/*");
  const contract = new URL(page.url()).pathname;
  await button(page, t.submit).click();
  await toast(page, t.unplanned);

  // 30 / 60 / 10, the first one overdue; one cent short shows before it is right.
  await ada.call("PATCH", `/api/v1${contract}`, { signed_on: day(-60) }, { "if-match": '"1"' });
  await page.reload();
  await button(page, t.plan).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: "30 / 60 / 10" }).click();
  await dialog.getByText(t.sums).waitFor();
  assert.equal(await dialog.locator(".plan-row").count(), 3);
  const last = dialog.getByLabel(t.last);
  await last.fill("10000");
  await dialog.getByText(t.short).waitFor();
  await last.fill("10000.01");
  const first = dialog.getByLabel(t.first);
  await first.fill(day(-9));
  await first.press("Tab");
  await axeClean(page);
  await button(dialog, t.save).click();
  await toast(page, t.planned);
  await button(page, t.submit).click();
  await toast(page, t.force);
  await page.getByText(t.late).first().waitFor();
  assert.equal(await page.locator(".dues .due").count(), 3);
  await seen();

  // The form of a payment is filled in; it is confirmed and allocated: the oldest first as a proposal,
  // one part changed.
  await page.getByRole("link", { name: t.report }).click();
  const amount = page.getByRole("textbox", { name: t.amount });
  await amount.waitFor();
  assert.equal(await amount.inputValue(), "100,000.01");
  await amount.fill("50000");
  await button(page, t.save).click();
  await button(page, t.confirm).click();
  await button(page, t.oldest).click();
  await page.locator(".alloc-chip", { hasText: "¥0" }).waitFor();
  const second = page.locator(".alloc-row").nth(1).getByRole("textbox");
  await second.fill("99999999");
  await page.locator(".alloc-chip", { hasText: "-¥" }).waitFor();
  await second.fill("20000");
  await seen();
  await button(page, t.allocate).click();
  await page.locator(".alloc-line").nth(1).waitFor();

  // The second one is confirmed at the desk in one click, and then taken back.
  await page.goto(contract);
  await page.getByRole("link", { name: t.report }).click();
  await amount.waitFor();
  assert.equal(await amount.inputValue(), "50,000.01");
  await amount.fill("10000");
  await button(page, t.save).click();
  await button(page, t.confirm).waitFor();
  const payment = new URL(page.url()).pathname;
  await page.goto("/finance");
  const waiting = page.locator(".next-line", { hasText: name });
  await button(waiting, t.atDesk).click();
  await toast(page, t.confirmed);
  await waiting.waitFor({ state: "detached" });
  await page.locator(".ages").getByText(name).waitFor();
  await seen();
  await page.goto(payment);
  await button(page, t.reverse).click();
  await page.getByRole("dialog").getByLabel(t.reason).fill("Booked twice");
  await button(page.getByRole("dialog"), t.reverse).click();
  await page.getByText(t.reversed, { exact: true }).waitFor();

  // The customer's page shows what is open, and the statement what is owed after each line.
  await page.goto(`/customers/${customer}`);
  await page.getByRole("tab", { name: t.money }).click();
  await page.getByText(t.opening).waitFor();
  const dues = page.getByRole("region", { name: t.receivables }).locator(".alloc-line");
  assert.deepEqual(await dues.locator("b.num").allInnerTexts(), ["¥40,000", "¥10,000.01"]);
  const balances = await page.locator(".statement tbody tr td:last-child").allInnerTexts();
  assert.equal(balances.at(-1).trim().split("\n").at(-1), "¥50,000.01");
  assert.equal(balances.length, 2 + 4);
  await seen();

  // The payment that was taken back is no receipt.
  await page.goto("/");
  await page.locator(".figures.targets").waitFor();
  const now = await received();
  assert.equal(now - before, 5_000_000);
  const shown = await page.evaluate(
    ([lang, value]) =>
      new Intl.NumberFormat(lang, {
        style: "currency", currency: "CNY", currencyDisplay: "narrowSymbol",
        notation: "compact", maximumFractionDigits: 1,
      }).format(value),
    [locale, now / 100],
  );
  await page.locator(".figures.targets .figure", { hasText: t.receipts }).getByText(shown).first().waitFor();
  await seen();
  noProblems(page);
}

test("from a lead to a payment, at a desk", async () => {
  const ada = await api();
  await journey({ ada, screen: "desktop", theme: "light", locale: "en", name: `Hengda ${Date.now()}` });
});

test("from a lead to a payment, in Chinese on a phone in the dark", async () => {
  const { address: at } = own[own.push(await server()) - 1];
  const ada = await api({ ...administrator, locale: "zh-Hans", workspace_name: "客户测试" }, at);
  await journey({ ada, at, screen: "phone", theme: "dark", locale: "zh-Hans", name: "恒达机电" });
});
