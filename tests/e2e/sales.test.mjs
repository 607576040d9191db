// Opportunities on their board: moved by keys, by mouse and by touch; what a stage needs is asked for in
// place, and a move that comes too late goes back and says why.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { accessibilityOf, api, browser, noProblems, sidewaysOf } from "./support.mjs";

const { open } = browser();
let caller;
let stages;
let customer;
let product;

before(async () => {
  caller = await api();
  const { call } = caller;
  const list = async (path) => (await call("GET", path)).items;
  const [pipeline] = await list("/api/v1/pipelines?filter=is_default%20%3D%3D%20true");
  const filter = encodeURIComponent(`pipeline_id == "${pipeline.id}"`);
  stages = await list(`/api/v1/stages?filter=${filter}&sort=position`);
  customer = await call("POST", "/api/v1/customers", { name: "Board Works", customer_type: "company" });
  product = await call("POST", "/api/v1/products", {
    name: "Milling machine",
    unit: "piece",
    unit_price: 12_500_000_000,
    tax_rate: 1300,
  });
});

/** A new opportunity in the first stage. */
const opportunity = (name, fields = {}) =>
  caller.call("POST", "/api/v1/opportunities", {
    name,
    customer_id: customer.id,
    amount: { amount: 5_000_000, currency: "CNY" },
    ...fields,
  });

const stage = (id) => stages.find((one) => one.id === id);
const lane = (page, at) => page.locator(`.lane[data-lane="${stages[at].id}"]`);
const card = (where, name) => where.locator(".kanban-card", { hasText: name });

/** Answers what the dialog asks: ticks everything, fills in the expected day, gives a reason. */
async function answer(page) {
  const dialog = page.locator("dialog[open]");
  await dialog.getByRole("button", { name: "Move", exact: true }).waitFor();
  for (const box of await dialog.getByRole("checkbox").all()) await box.check();
  const day = dialog.locator('[data-field="expected_close_on"] input').first();
  if (await day.count()) await day.fill("2030-06-30");
  const reason = dialog.getByRole("radio").first();
  if (await reason.count()) await reason.check();
  await dialog.getByRole("button", { name: "Move", exact: true }).click();
  await dialog.waitFor({ state: "detached" }).catch(() => {});
}

/** The opportunity as the server has it, once it stands in the stage. */
async function standsIn(id, at) {
  const until = Date.now() + 5_000;
  for (;;) {
    const now = await caller.call("GET", `/api/v1/opportunities/${id}`);
    if (now.stage_id === stages[at].id) return now;
    assert.ok(Date.now() < until, `it stands in ${stage(now.stage_id)?.name}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

test("a card moves by keys, and what the stage needs is asked for in place", async () => {
  const made = await opportunity("Keys to the mill");
  // The larger one stands above it in the end, so that the card changes its place once more.
  await opportunity("The larger mill", {
    stage_id: stages[1].id, amount: { amount: 50_000_000, currency: "CNY" }, expected_close_on: "2030-06-30",
  });
  const page = await open({ path: "/opportunities", storageState: caller.storageState() });
  const mine = card(lane(page, 0), "Keys to the mill");
  await mine.focus();
  await page.keyboard.press("Shift+ArrowRight");
  await answer(page);
  await card(lane(page, 1), "Keys to the mill").waitFor();
  await standsIn(made.id, 1);
  // What was ticked in the stage before does not count here.
  await card(lane(page, 1), "Keys to the mill").getByText("0/2", { exact: true }).waitFor();
  // The card keeps the focus where it went and while it is drawn anew: the next key moves it on.
  const focused = card(lane(page, 1), "Keys to the mill").and(page.locator(":focus"));
  await focused.waitFor();
  await page.keyboard.press("Shift+ArrowRight");
  await page.locator("dialog[open]").getByRole("button", { name: "Cancel" }).click();
  await focused.waitFor();
  noProblems(page);
});

test("a move that is called off goes back with its sums", async () => {
  await opportunity("Only looking");
  const page = await open({ path: "/opportunities", storageState: caller.storageState() });
  const sum = lane(page, 0).locator("header small").first();
  await card(lane(page, 0), "Only looking").focus();
  const before = await sum.textContent();
  await page.keyboard.press("Shift+ArrowRight");
  await page.locator("dialog[open]").getByRole("button", { name: "Cancel" }).click();
  await card(lane(page, 0), "Only looking").waitFor();
  assert.equal(await sum.textContent(), before);
  noProblems(page);
});

test("a card is dragged by the mouse to the stage that wins it", async () => {
  const made = await opportunity("Dragged home", { expected_close_on: "2030-06-30" });
  const won = stages.findIndex((one) => one.stage_kind === "won");
  const page = await open({ path: "/opportunities", storageState: caller.storageState() });
  await card(lane(page, 0), "Dragged home").dragTo(lane(page, won).locator(".lane-cards"));
  await page.locator("dialog[open]").getByText("Why was it won?").waitFor();
  await answer(page);
  await card(lane(page, won), "Dragged home").waitFor();
  const after = await standsIn(made.id, won);
  assert.equal(after.status, "won");
  noProblems(page);
});

test("somebody else was faster: the card goes back and the page says why", async () => {
  const made = await opportunity("Two at once");
  const page = await open({ path: "/opportunities", storageState: caller.storageState() });
  await card(lane(page, 0), "Two at once").focus();
  await page.keyboard.press("Shift+ArrowRight");
  await page.locator("dialog[open]").getByRole("button", { name: "Move", exact: true }).waitFor();
  const lost = stages.findIndex((one) => one.stage_kind === "lost");
  const reasons = await caller.call(
    "GET",
    `/api/v1/dictionary-entries?filter=${encodeURIComponent('dictionary == "opportunity_reason" && outcome == "lost"')}`,
  );
  await caller.call("POST", `/api/v1/opportunities/${made.id}/lose`, { reason: reasons.items[0].code });
  await answer(page);
  await page.getByText(/Somebody changed “Two at once” meanwhile/).first().waitFor();
  await card(lane(page, lost), "Two at once").waitFor();
  noProblems(page);
});

test("a long press lifts a card on a phone", async () => {
  await opportunity("By the finger");
  const page = await open({ screen: "phone", path: "/opportunities", storageState: caller.storageState() });
  const box = await card(lane(page, 0), "By the finger").boundingBox();
  const session = await page.context().newCDPSession(page);
  const touch = (type, x, y) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y }] });
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await touch("touchStart", x, y);
  await page.locator(".kanban-ghost").waitFor();
  // Held at the edge the board scrolls on, until the next stage is below the finger.
  await touch("touchMove", 380, y);
  await page.locator(`.lane.over[data-lane="${stages[1].id}"]`).waitFor();
  await touch("touchEnd");
  await page.locator("dialog[open]").getByRole("button", { name: "Cancel" }).click();
  await page.locator(".kanban-ghost").waitFor({ state: "detached" });
  noProblems(page);
});

test("lines sum up while they are typed, as the server does", async () => {
  const made = await opportunity("Lines");
  const page = await open({ path: `/opportunities/${made.id}/edit`, storageState: caller.storageState() });
  await page.getByRole("button", { name: "Add a line" }).click();
  const line = page.getByRole("group", { name: "Line 1" });
  await line.getByLabel("Product").fill("Milling");
  await page.getByRole("option", { name: /Milling machine/ }).click();
  await line.getByLabel("Quantity").fill("2.5");
  await line.getByLabel("Discount %").fill("10");
  // 2.5 × 12,500 less 10 % with 13 % tax in it.
  const totals = page.locator(".lines-totals");
  await totals.getByText(/28,125/).first().waitFor();
  await line.getByLabel("Quantity").press("Enter");
  await page.getByRole("group", { name: "Line 2" }).waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".record .lines-read").waitFor();
  const after = await caller.call("GET", `/api/v1/opportunities/${made.id}`);
  assert.equal(after.amount.amount, 2_812_500);
  assert.equal(after.lines.length, 1);
  assert.equal(after.lines[0].product_id, product.id);
  noProblems(page);
});

test("how an opportunity ended is asked for only where it has", async () => {
  const page = await open({ path: "/opportunities/new", storageState: caller.storageState() });
  const why = page.locator("[data-field=close_reason]");
  const pick = async (label, name, code = "") => {
    await page.getByLabel(label, { exact: true }).fill(name);
    await page.getByRole("option", { name: new RegExp(`${name}.*${code}`) }).first().click();
  };
  await page.getByLabel("Name", { exact: true }).first().fill("Long over");
  await pick("Customer", "Board Works");
  assert.equal(await why.count(), 0);
  const lost = stages.find((one) => one.stage_kind === "lost");
  await pick("Stage", lost.name, lost.code);
  await why.waitFor();
  await pick("Stage", stages[0].name, stages[0].code);
  await why.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".stage-history li").first().waitFor();
  const made = await caller.call("GET", `/api/v1/opportunities/${new URL(page.url()).pathname.split("/").at(-1)}`);
  assert.equal(made.stage_id, stages[0].id);
  assert.equal(made.close_reason, null);
  noProblems(page);
});

for (const screen of ["desktop", "phone"]) {
  test(`the pages of sales are accessible on a ${screen} in light and dark`, async () => {
    const made = await opportunity("Seen by all", { hot: true, next_step: "Call", competitors: ["Rival"] });
    const page = await open({ screen, storageState: caller.storageState() });
    const found = [];
    const pages = [
      ["/opportunities", ".kanban-card"],
      [`/opportunities/${made.id}`, ".stage-history li"],
      [`/opportunities/${made.id}/edit`, ".lines"],
      ["/opportunities?show=forecast", ".forecast-table"],
      ["/settings/pipelines", ".stage-row"],
      ["/settings/targets", ".targets"],
    ];
    // What is a table on the desk and looks the same on a phone is seen once.
    for (const [path, drawn] of screen === "phone" ? pages.slice(0, 3) : pages) {
      await page.goto(path);
      await page.locator(drawn).first().waitFor();
      await page.locator(".skeleton").first().waitFor({ state: "detached" });
      const broken = [...(await accessibilityOf(page)), ...(await sidewaysOf(page))];
      await page.evaluate(() => (document.documentElement.dataset.theme = "dark"));
      await page.waitForFunction(() => document.getAnimations().length === 0);
      broken.push(...(await accessibilityOf(page, ["color-contrast"])));
      found.push(...broken.map((problem) => `${path}: ${problem}`));
    }
    assert.deepEqual(found, []);
    noProblems(page);
  });
}
