// A contract from its plan to its payments: three receivables, two payments of which one is taken
// back; the statement, finance's desk and the workbench show what became of it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { api, axeClean, browser, fitsWidth, noProblems } from "./support.mjs";

const app = browser();

function day(away) {
  const at = new Date(Date.now() + away * 86_400_000);
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(at);
}

async function contractOf(ada, name) {
  const customer = await ada.call("POST", "/api/v1/customers?allow_duplicate=true", { name, customer_type: "company" });
  const contract = await ada.call("POST", "/api/v1/contracts", {
    name: `${name} MES`,
    customer_id: customer.id,
    signed_on: day(-60),
    amount: { amount: 10_000_001, currency: "CNY" },
  });
  return { customer, contract };
}

test("a contract is planned, paid, a payment taken back, and everything shows it", async () => {
  const ada = await api();
  const { customer, contract } = await contractOf(ada, `Hengda ${Date.now()}`);
  const received = async () => {
    const { figures } = await ada.call("GET", "/api/v1/workbench/figures");
    return figures.find((one) => one.metric === "receipts").actual;
  };
  const before = await received();
  const page = await app.open({ path: `/contracts/${contract.id}`, storageState: ada.storageState() });

  // A draft without a plan does not come into force.
  await page.getByText("Nothing is planned yet.").waitFor();
  await page.getByRole("button", { name: "Bring into force" }).click();
  await page.locator(".toast-text", { hasText: "Plan first how it is to be paid." }).waitFor();

  // 30 / 60 / 10, the first one overdue; one cent short shows before it is right.
  await page.getByRole("button", { name: "Plan", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: "30 / 60 / 10" }).click();
  await dialog.getByText("sums up").waitFor();
  assert.equal(await dialog.locator(".plan-row").count(), 3);
  const last = dialog.getByLabel("Amount of instalment 3");
  await last.fill("10000");
  await dialog.getByText("¥0.01 missing").waitFor();
  await last.fill("10000.01");
  const first = dialog.getByLabel("Due day of instalment 1");
  await first.fill(day(-9));
  await first.press("Tab");
  await axeClean(page);
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.locator(".toast-text", { hasText: "The plan is saved." }).waitFor();
  await page.getByRole("button", { name: "Bring into force" }).click();
  await page.locator(".toast-text", { hasText: "The contract is in force." }).waitFor();
  await page.getByText("9 days overdue").first().waitFor();
  assert.equal(await page.locator(".dues .due").count(), 3);
  await axeClean(page);

  // The form of a payment is filled in.
  await page.getByRole("link", { name: "Report a payment" }).click();
  await page.getByLabel("Amount", { exact: false }).first().waitFor();
  const amount = page.getByRole("textbox", { name: "Amount" });
  assert.equal(await amount.inputValue(), "100,000.01");
  await amount.fill("50000");
  await page.getByRole("button", { name: "Save" }).click();

  // Confirmed, and by hand: the oldest first as a proposal, one part changed.
  await page.getByRole("button", { name: "Confirm", exact: true }).click();
  // The names that the page looks up draw it once more when they come.
  await page.locator(".alloc-row").nth(2).waitFor();
  await page.waitForLoadState("networkidle");
  await page.getByRole("button", { name: "Oldest first" }).click();
  await page.getByText("¥0 left").waitFor();
  const second = page.locator(".alloc-row").nth(1).getByRole("textbox");
  await second.fill("99999999");
  await page.locator(".alloc-chip", { hasText: "-¥" }).waitFor();
  await second.fill("20000");
  await axeClean(page);
  await page.getByRole("button", { name: "Allocate", exact: true }).click();
  await page.locator(".alloc-line").nth(1).waitFor();

  // The second one is confirmed at the desk in one click, and then taken back.
  const payment = await ada.call("POST", "/api/v1/payments", {
    customer_id: customer.id,
    received_on: day(0),
    amount: { amount: 1_000_000, currency: "CNY" },
  });
  await page.goto("/finance");
  const waiting = page.locator(".next-line", { hasText: customer.name });
  await waiting.getByRole("button", { name: "Confirm, oldest first" }).click();
  await page.locator(".toast-text", { hasText: "Confirmed." }).waitFor();
  await waiting.waitFor({ state: "detached" });
  await page.locator(".ages").getByText(customer.name).waitFor();
  await axeClean(page);
  await page.goto(`/payments/${payment.id}`);
  await page.getByRole("button", { name: "Reverse" }).click();
  await page.getByRole("dialog").getByLabel("Reason").fill("Booked twice");
  await page.getByRole("dialog").getByRole("button", { name: "Reverse" }).click();
  await page.getByText("Taken back", { exact: true }).waitFor();

  // The statement says what is owed after each line.
  await page.goto(`/customers/${customer.id}`);
  await page.getByRole("tab", { name: "Money" }).click();
  await page.getByText("Brought forward").waitFor();
  const balances = await page.locator(".statement tbody tr td:last-child").allInnerTexts();
  assert.equal(balances.at(-1), "¥50,000.01");
  assert.equal(balances.length, 2 + 4);
  await axeClean(page);

  await page.goto("/");
  await page.locator(".figures.targets").waitFor();
  // The payment that was taken back is no receipt.
  const now = await received();
  assert.equal(now - before, 5_000_000);
  const shown = new Intl.NumberFormat("en", {
    style: "currency", currency: "CNY", currencyDisplay: "narrowSymbol",
    notation: "compact", maximumFractionDigits: 1,
  }).format(now / 100);
  await page.locator(".figures.targets .figure", { hasText: "Receipts" }).getByText(shown).first().waitFor();
  noProblems(page);
});

test("in Chinese on a phone, in the dark", async () => {
  const ada = await api();
  const { customer, contract } = await contractOf(ada, `恒达 ${Date.now()}`);
  await ada.call("PUT", `/api/v1/contracts/${contract.id}/receivables`, {
    shares: [3000, 6000, 1000], first_due_on: day(-9), every_months: 1,
  });
  await ada.call("POST", `/api/v1/contracts/${contract.id}/submit`, {});
  await ada.call("POST", "/api/v1/payments", {
    customer_id: customer.id, contract_id: contract.id, received_on: day(0),
    amount: { amount: 1_000_000, currency: "CNY" },
  });
  const page = await app.open({
    screen: "phone", theme: "dark", locale: "zh-Hans",
    path: `/contracts/${contract.id}`, storageState: ada.storageState(),
  });
  await page.getByText("逾期 9 天").waitFor();
  await fitsWidth(page);
  await axeClean(page);
  await page.goto("/finance");
  await page.getByRole("button", { name: "确认并先核销最早" }).first().click();
  await page.locator(".toast-text", { hasText: "已确认。" }).waitFor();
  await page.locator(".ages").waitFor();
  await fitsWidth(page);
  await axeClean(page);
  await page.goto(`/customers/${customer.id}`);
  await page.getByRole("tab", { name: "款项" }).click();
  await page.getByText("期末余额").waitFor();
  await fitsWidth(page);
  await axeClean(page);
  noProblems(page);
});
