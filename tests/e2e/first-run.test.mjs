// From the first run to the first customer, as a person goes: on a desk in English and on a phone in
// Chinese. Each begins with an empty database.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { axeClean, browser, fitsWidth, noProblems, server } from "./support.mjs";

const { open } = browser();

const people = {
  en: {
    screen: "desktop",
    workspace: "Acme Trading Ltd",
    person: "Ada Admin",
    company: "Harbour Machines",
    contact: "Grace Lin",
    file: "leads-en.csv",
    figures: { created: 3, duplicates: 1, refused: 1 },
    said: "Called about the spring order; wants a quote",
  },
  "zh-Hans": {
    screen: "phone",
    workspace: "宁波恒达机械有限公司",
    person: "陈思源",
    company: "海创股份有限公司",
    contact: "王建国",
    file: "leads-zh.csv",
    figures: { created: 28, duplicates: 0, refused: 2 },
    said: "电话沟通春季订单，需要报价",
  },
};

const words = {
  en: {
    setUp: "Set up Kehu",
    workspace: "Name of the company",
    name: "Your name",
    email: "Email",
    password: "Password",
    create: "Create the workspace",
    check: "Check without importing",
    would: "This is what would happen. Nothing has been imported yet.",
    run: "Import now",
    imported: "Imported",
    figures: { created: "Created", duplicates: "Already there", refused: "Refused" },
    claim: "Claim",
    full: "Open in full",
    mine: "My leads",
    claimed: "Claimed. It is yours.",
    compose: "Write down what was said…",
    call: "Call",
    tomorrow: "tomorrow",
    save: "Save",
    written: "Written down.",
    convert: "Convert",
    sheet: "Convert the lead",
    converted: "The lead is converted.",
    show: "Show the customer",
    next: /Next contact: tomorrow/,
  },
  "zh-Hans": {
    setUp: "开始使用 Kehu",
    workspace: "企业名称",
    name: "您的姓名",
    email: "邮箱",
    password: "密码",
    create: "创建企业",
    check: "先检查，不导入",
    would: "这是导入后的结果预览，尚未导入任何记录。",
    run: "开始导入",
    imported: "已导入",
    figures: { created: "新建", duplicates: "已存在", refused: "被拒绝" },
    claim: "领取",
    mine: "我的线索",
    claimed: "领取成功，已归您负责。",
    compose: "记录跟进…",
    call: "电话",
    tomorrow: "明天",
    save: "保存",
    written: "已记录。",
    convert: "转换",
    sheet: "转换线索",
    converted: "线索已转换。",
    show: "查看客户",
    next: /下次联系：明天/,
  },
};

for (const [locale, data] of Object.entries(people)) {
  test(`the first run leads to the first customer (${locale}, ${data.screen})`, async () => {
    const own = await server();
    try {
      await journey(own, locale, data, words[locale]);
    } finally {
      own.stop();
    }
  });
}

async function journey(own, locale, data, word) {
  const page = await open({ at: own.address, locale, screen: data.screen });
  const check = async () => {
    await axeClean(page);
    await fitsWidth(page);
  };
  const press = async (locator) => (data.screen === "phone" ? locator.tap() : locator.click());
  const button = (name, inside = page) => inside.getByRole("button", { name, exact: true });

  // The first run stands wherever one comes from.
  await page.getByRole("heading", { name: word.setUp }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/start");
  await check();
  const administrator = { email: "first@example.com", password: "correct horse battery staple" };
  await page.getByLabel(word.workspace).fill(data.workspace);
  await page.getByLabel(word.name, { exact: true }).fill(data.person);
  await page.getByLabel(word.email, { exact: true }).fill(administrator.email);
  await page.getByLabel(word.password, { exact: true }).fill(administrator.password);
  await press(button(word.create));

  // The workbench greets.
  await page.getByRole("heading", { level: 1, name: data.person }).waitFor();
  await check();

  // A file is imported: looked at, tried, run. Rows that are wrong are refused and say why.
  await page.goto("/import?kind=lead");
  await page.locator(".file-drop").waitFor();
  await check();
  await page.locator("input[type=file]").setInputFiles(join(import.meta.dirname, "data", data.file));
  await page.locator(".import-table.map tbody tr").first().waitFor();
  await check();
  await press(button(word.check));
  await page.getByText(word.would).waitFor();
  await check();
  await press(button(word.run));
  await page.locator(".badge", { hasText: word.imported }).waitFor();
  for (const [name, number] of Object.entries(data.figures)) {
    const figure = page.locator(".import-figures .card", { hasText: word.figures[name] });
    await figure.getByText(String(number), { exact: true }).waitFor();
  }
  await page.locator(".import-table tbody tr", { hasText: word.figures.refused }).first().waitFor();
  await check();

  // One press claims a lead of the pool.
  await page.goto("/leads?view=pool");
  const line = page.locator("tr.data", { hasText: data.contact }).first();
  await line.waitFor();
  await check();
  await press(button(word.claim, line));
  await page.locator(".toast").getByText(word.claimed).waitFor();
  await line.waitFor({ state: "detached" });

  // It is among one's own; from there to its page, on a desk by way of the panel beside the list.
  await press(page.getByRole("tab", { name: word.mine }));
  await line.waitFor();
  await press(line.locator("td").nth(2));
  if (data.screen === "desktop") {
    const peek = page.locator(".sheet:has(.peek-head)");
    await peek.getByText(data.contact).first().waitFor();
    await check();
    await press(peek.getByRole("button", { name: word.full }));
  }
  await page.getByRole("heading", { level: 1, name: data.contact }).waitFor();

  // A call is written down with the day to talk again.
  await press(button(word.call));
  await page.getByLabel(word.compose).fill(data.said);
  await press(button(word.tomorrow));
  await press(button(word.save));
  await page.locator(".toast").getByText(word.written).waitFor();
  await page.locator(".timeline").getByText(data.said).waitFor();
  await page.locator(".record-head").getByText(word.next).waitFor();
  await check();

  // The lead becomes a customer with a contact.
  await press(page.locator(".record-head").getByRole("button", { name: word.convert, exact: true }));
  const sheet = page.getByRole("dialog", { name: word.sheet });
  await sheet.getByRole("textbox").first().waitFor();
  await check();
  await press(button(word.convert, sheet));
  await page.locator(".toast").getByText(word.converted).waitFor();
  await press(button(word.show));

  // The customer knows whom to call and what was said.
  await page.getByRole("heading", { level: 1, name: data.company }).waitFor();
  await page.locator(".record-related").getByText(data.contact).first().waitFor();
  await page.locator(".timeline").getByText(data.said).waitFor();
  await check();
  noProblems(page);
}
