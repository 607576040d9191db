// The parts of the design system on their page `/ui`: they work by keyboard, read well, fit a phone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { axeClean, browser, fitsWidth, noProblems } from "./support.mjs";

const { open } = browser();

async function gallery(options = {}) {
  const page = await open({ path: "/ui", ...options });
  await page.locator(".gallery").waitFor();
  return page;
}

const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim());
const there = (locator, count) => locator.nth(count - 1).waitFor({ state: "attached" });

for (const [screen, theme] of [["desktop", "light"], ["desktop", "dark"], ["phone", "light"], ["phone", "dark"]]) {
  test(`every part is accessible on a ${screen} in ${theme}`, async () => {
    const page = await gallery({ screen, theme });
    await axeClean(page);
    await fitsWidth(page);
    noProblems(page);
  });
}

test("a menu is moved through by keys and gives the focus back", async () => {
  const page = await gallery();
  const button = page.getByRole("button", { name: "Actions" });
  await button.focus();
  await page.keyboard.press("ArrowDown");
  await page.locator(".menu [role=menuitem]:focus").waitFor();
  await page.keyboard.press("End");
  assert.equal(await focused(page), "Delete");
  await page.keyboard.press("ArrowDown");
  assert.match(await focused(page), /^Edit/);
  await page.keyboard.press("Escape");
  await page.locator(".menu:popover-open").waitFor({ state: "detached" });
  assert.equal(await focused(page), "Actions");
  noProblems(page);
});

test("a toast outlives the menu that sent it and takes its action", async () => {
  const page = await gallery();
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
  await page.locator(".toast").waitFor({ state: "detached" });
  noProblems(page);
});

test("a dialog keeps the focus, takes Enter and gives the focus back", async () => {
  const page = await gallery();
  await page.getByRole("button", { name: "Form", exact: true }).click();
  await page.locator("dialog input:focus").waitFor();
  for (let press = 0; press < 8; press += 1) {
    await page.keyboard.press("Tab");
    const inside = await page.evaluate(
      () => document.activeElement === document.body || Boolean(document.activeElement.closest("dialog")),
    );
    assert.ok(inside, "the focus left the dialog");
  }
  await axeClean(page);
  await page.locator("dialog input").first().focus();
  await page.keyboard.press("Enter");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  assert.equal(await focused(page), "Form");
});

test("Escape closes the calendar first and its sheet afterwards", async () => {
  const page = await gallery();
  await page.getByRole("button", { name: "Sheet", exact: true }).click();
  const sheet = page.locator("dialog.sheet[open]");
  await sheet.getByRole("button", { name: "Open the calendar" }).click();
  await page.locator(".calendar:popover-open").waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".calendar:popover-open").waitFor({ state: "detached" });
  await there(sheet, 1);
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "detached" });
});

test("choices are narrowed, taken and made by typing", async () => {
  const page = await gallery();
  const one = page.getByLabel("One of many");
  await one.fill("苏");
  await page.locator("[role=option]", { hasText: "苏州" }).first().waitFor();
  await page.locator("[role=option]", { hasText: "宁波" }).waitFor({ state: "detached" });
  await page.keyboard.press("Enter");
  assert.equal(await one.inputValue(), "苏州");
  await one.fill("杭州");
  await page.locator("[role=option]", { hasText: "Create" }).waitFor();
  await page.locator("[role=option]").nth(1).waitFor({ state: "detached" });
  await page.keyboard.press("Enter");
  assert.equal(await one.inputValue(), "杭州");
  await page.getByLabel("Several").click();
  await page.locator("[role=option]").nth(5).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await there(page.locator(".token"), 3);
  await page.keyboard.press("Backspace");
  await page.locator(".token").nth(2).waitFor({ state: "detached" });
});

test("dates and amounts are read as people type them", async () => {
  const page = await gallery();
  const day = page.getByLabel("Day", { exact: true });
  await day.fill("2026/12/5");
  await page.keyboard.press("Tab");
  assert.equal(await day.inputValue(), "2026-12-05");
  await day.fill("soon");
  await page.keyboard.press("Tab");
  await page.getByText("This is not a date").waitFor();
  assert.equal(await day.getAttribute("aria-invalid"), "true");
  const amount = page.getByRole("textbox", { name: "Amount" });
  await amount.fill("12.8万");
  await page.keyboard.press("Tab");
  assert.equal(await amount.inputValue(), "128,000.00");
});

test("a long table draws what is in sight, follows the keys and fetches more", async () => {
  const page = await gallery();
  const rows = page.locator("tr.data");
  await rows.first().focus();
  for (let press = 0; press < 30; press += 1) await page.keyboard.press("ArrowDown");
  await page.locator("tr.data[data-id='30']:focus").waitFor();
  assert.ok((await rows.count()) < 80, "rows out of sight are drawn");
  await page.keyboard.press(" ");
  await there(page.locator("tr.data[aria-selected=true]"), 1);
  await page.locator(".table-scroll").evaluate((table) => table.scrollTo(0, table.scrollHeight));
  await page.getByText(/^500 rows/).waitFor();
  await page.getByRole("button", { name: "Amount", exact: true }).click();
  await there(page.locator("th[aria-sort=ascending]"), 1);
  noProblems(page);
});

test("a chart shows its figures and lets them be taken along", async () => {
  const page = await gallery();
  const chart = page.locator(".chart").first();
  await chart.locator(".plane").focus();
  await page.keyboard.press("ArrowRight");
  await chart.locator(".chart-tip").waitFor();
  for (const [name, file] of [["Save the figures", ".csv"], ["Save as a picture", ".png"]]) {
    await chart.getByRole("button", { name: "More" }).click();
    const saved = page.waitForEvent("download");
    await page.getByRole("menuitem", { name }).click();
    assert.ok((await saved).suggestedFilename().endsWith(file));
  }
  await chart.getByRole("button", { name: "Show as a table" }).click();
  assert.equal(await chart.locator("tbody tr").count(), 12);
  noProblems(page);
});

test("a card is moved by keys, and goes back when the move was refused", async () => {
  const page = await gallery();
  const lane = (at) => page.locator(".lane").nth(at);
  await page.locator(".kanban-card[data-id='0']").focus();
  await page.keyboard.press("Shift+ArrowRight");
  await lane(1).locator("[data-id='0']").waitFor();
  await page.locator("[data-id='0']:focus").waitFor();
  await page.locator(".kanban-card[data-id='1']").dragTo(lane(3));
  await lane(3).locator("[data-id='1']").waitFor();
  await lane(1).locator("[data-id='1']").waitFor();
  noProblems(page);
});
