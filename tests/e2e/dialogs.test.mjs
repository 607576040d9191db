// What is asked now and then: whose a payment is, taking parts of it back, giving debts up, moving and
// ending what was agreed, targets, the order of stages.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { api, browser, day, noProblems } from "./support.mjs";

const { open } = browser();
const name = `Dialog Works ${Date.now()}`;
let ada;
let customer;

before(async () => {
  ada = await api();
  customer = await ada.call("POST", "/api/v1/customers", { name, customer_type: "company" });
});

const yuan = (amount) => ({ amount, currency: "CNY" });
const get = (path) => ada.call("GET", `/api/v1/${path}`);
const button = (where, text) => where.getByRole("button", { name: text, exact: true });
const done = (page, text = "Done.") => page.locator(".toast-text", { hasText: text }).first().waitFor();

async function contract(plan) {
  const made = await ada.call("POST", "/api/v1/contracts", {
    name: "Asked", customer_id: customer.id, signed_on: day(-30), amount: yuan(90_000),
  });
  await ada.call("PUT", `/api/v1/contracts/${made.id}/receivables`, plan);
  return made.id;
}

/** Answers the dialog and sends it. */
async function answer(page, act, fields = {}) {
  const dialog = page.getByRole("dialog", { name: act });
  await dialog.waitFor();
  for (const [label, text] of Object.entries(fields)) {
    const field = dialog.getByLabel(label);
    await field.fill(text);
  }
  await button(dialog, act).click();
  await dialog.waitFor({ state: "detached" });
}

test("a payment finds its customer, its parts are taken back and paid back", async () => {
  const id = await contract({ monthly: 3, first_due_on: day(1) });
  await ada.call("POST", `/api/v1/contracts/${id}/submit`, {});
  const payment = await ada.call("POST", "/api/v1/payments", {
    payer: "Somebody", received_on: day(0), amount: yuan(50_000),
  });
  await ada.call("POST", `/api/v1/payments/${payment.id}/confirm`, {});
  const page = await open({ path: `/payments/${payment.id}`, storageState: ada.storageState() });

  await button(page, "Say whose it is").click();
  const dialog = page.getByRole("dialog", { name: "Say whose it is" });
  await dialog.getByLabel("Customer").fill(name);
  await page.getByRole("option", { name }).first().click();
  await button(dialog, "Say whose it is").click();
  await dialog.waitFor({ state: "detached" });
  await button(page.locator(".alloc-row").first(), "Fill").click();
  await button(page, "Allocate").click();
  assert.equal((await get(`payments/${payment.id}`)).customer_id, customer.id);

  await button(page.locator(".alloc-line"), "Take back").click();
  await answer(page, "Take back", { Reason: "Meant for another one" });
  await page.locator(".alloc-line.released").waitFor();
  assert.equal((await get(`payments/${payment.id}`)).unallocated_amount.amount, 50_000);

  await button(page.locator(".record-actions"), "Refund").click();
  await answer(page, "Refund", { Amount: "120.50", Reason: "Paid too much" });
  await page.locator(".money-sum").getByText("¥379.50").waitFor();
  assert.equal((await get(`payments/${payment.id}`)).refunded_amount.amount, 12_050);
  noProblems(page);
});

test("finance does not take what did not come, and says why", async () => {
  const payment = await ada.call("POST", "/api/v1/payments", {
    customer_id: customer.id, received_on: day(0), amount: yuan(77_700),
  });
  const page = await open({ path: "/finance", storageState: ada.storageState() });
  const line = page.locator(".next-line", { hasText: "¥777" });
  await button(line, "Reject").click();
  await answer(page, "Reject", { Reason: "Bounced" });
  await line.waitFor({ state: "detached" });
  const now = await get(`payments/${payment.id}`);
  assert.deepEqual([now.status, now.decision_reason], ["rejected", "Bounced"]);
  noProblems(page);
});

test("a plan changes while it is a draft; later its days move, debts are given up, and it ends", async () => {
  const id = await contract({ receivables: [{ due_on: day(5), amount: 90_000 }] });
  const page = await open({ path: `/contracts/${id}`, storageState: ada.storageState() });
  await button(page, "Plan").click();
  const plan = page.getByRole("dialog");
  await plan.getByLabel("Amount of instalment 1").fill("300");
  await button(plan, "Instalment").click();
  await plan.getByLabel("Due day of instalment 2").fill(day(40));
  await plan.getByLabel("Amount of instalment 2").fill("600");
  await plan.getByText("sums up").waitFor();
  await button(plan, "Save").click();
  await page.locator(".dues .due").nth(1).waitFor();
  await button(page, "Bring into force").click();
  await done(page, "The contract is in force.");

  const menu = page.getByRole("button", { name: "Actions of instalment 1" });
  await menu.click();
  await page.getByRole("menuitem", { name: "Move the due day" }).click();
  await answer(page, "Move the due day", { "Due on": day(12) });
  await page.getByText("due in 12 days").first().waitFor();

  await menu.click();
  await page.getByRole("menuitem", { name: "Write off" }).click();
  await answer(page, "Write off", { Amount: "50", Reason: "Scratched" });
  await page.getByText("¥50 given up").waitFor();

  await button(page, "End the contract").click();
  await answer(page, "End the contract", { Reason: "They closed down" });
  await page.locator(".record-head .badge", { hasText: "Terminated" }).waitFor();
  const filter = encodeURIComponent(`contract_id == "${id}"`);
  const { items } = await get(`receivables?filter=${filter}&sort=due_on`);
  assert.deepEqual(items.map((one) => [one.written_off_amount.amount, one.cancelled_amount.amount]), [
    [5_000, 25_000], [0, 60_000],
  ]);
  noProblems(page);
});

test("targets are typed one after the other, per person and month", async () => {
  const page = await open({ path: "/settings/targets", storageState: ada.storageState() });
  const cell = (metric) => page.getByLabel(`Ada Admin: ${metric}`, { exact: true });
  await page.getByRole("button", { name: "Next month" }).click();
  await cell("Receipts").fill("120000");
  await cell("Receipts").press("Tab");
  // What is kept meanwhile takes nothing away from who types on.
  await page.keyboard.type("90,000.50");
  await done(page, "Saved.");
  await page.keyboard.press("Tab");
  await page.locator("tfoot", { hasText: "¥90,000.50" }).waitFor();
  assert.equal(await cell("Receipts").inputValue(), "120,000");
  await cell("Receipts").fill("");
  await cell("Receipts").press("Enter");
  await page.locator("tfoot td").first().getByText("¥0", { exact: true }).waitFor();
  const now = new Date(`${day(0)}T00:00:00Z`);
  const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).toISOString().slice(0, 10);
  const { items } = await get(`targets?filter=${encodeURIComponent(`month == date("${next}")`)}`);
  assert.deepEqual(items.map((one) => [one.metric, one.planned]), [["contract_amount", 9_000_050]]);
  await page.getByRole("button", { name: "Previous month" }).click();
  await page.locator("tfoot td").nth(1).getByText("¥0", { exact: true }).waitFor();
  noProblems(page);
});

test("stages change their order and go back", async () => {
  const page = await open({ path: "/settings/pipelines", storageState: ada.storageState() });
  const card = page.locator(".card", { hasText: "Project sales" });
  const rows = () => card.locator(".stage-row b").allInnerTexts();
  await card.locator(".stage-row").first().waitFor();
  const [first, second] = await rows();
  await button(card.locator(".stage-row").first(), "Move down").click();
  await card.locator(".stage-row").first().getByText(second, { exact: true }).waitFor();
  assert.deepEqual((await rows()).slice(0, 2), [second, first]);
  await button(card.locator(".stage-row").nth(1), "Move up").click();
  await card.locator(".stage-row").first().getByText(first, { exact: true }).waitFor();
  noProblems(page);
});
