// What is done to a document on its own page: its lines are edited in place, and what is left of a
// payment is dragged by a finger onto what it settles.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { api, axeClean, browser, day, fitsWidth, noProblems } from "./support.mjs";

const { open } = browser();
let ada;
let customer;

before(async () => {
  ada = await api();
  customer = await ada.call("POST", "/api/v1/customers?allow_duplicate=true", {
    name: `Deals ${Date.now()}`,
    customer_type: "company",
  });
});

const contract = (fields) =>
  ada.call("POST", "/api/v1/contracts", { name: "Line by line", customer_id: customer.id, signed_on: day(-9), ...fields });

test("the lines of a draft are edited in place", async () => {
  const made = await contract({ lines: [{ name: "Setup", quantity: 2_000_000, unit_price: 100_000_000, tax_rate: 1300 }] });
  const page = await open({ path: `/contracts/${made.id}`, storageState: ada.storageState() });
  const card = page.locator("#record-lines");
  const quantity = card.getByRole("group", { name: "Line 1" }).getByLabel("Quantity");
  const edit = card.getByRole("button", { name: "Edit the lines" });

  // Escape puts back what was there.
  await edit.click();
  await quantity.fill("7");
  await card.locator(".lines-totals").getByText("¥700").first().waitFor();
  await quantity.press("Escape");
  await card.locator(".lines-read").getByText("¥200").first().waitFor();
  await edit.and(page.locator(":focus")).waitFor();

  // What can't be is said at its field.
  await edit.click();
  await card.getByRole("group", { name: "Line 1" }).getByLabel("Discount %").fill("120");
  await card.getByRole("button", { name: "Save" }).click();
  await card.locator(".field-problem, .note").first().waitFor();
  await card.getByRole("group", { name: "Line 1" }).getByLabel("Discount %").fill("10");
  await quantity.fill("3");
  await axeClean(page);

  // Somebody else was faster: what is typed stays, and saving once more says so.
  await ada.call("PATCH", `/api/v1/contracts/${made.id}`, { note: "Beside" }, { "if-match": `"${made.version}"` });
  await card.getByRole("button", { name: "Save" }).click();
  await card.getByText("Somebody changed this meanwhile, but not the lines.").waitFor();
  await card.getByRole("button", { name: "Save" }).click();
  await card.locator(".lines-read").getByText("¥270").first().waitFor();
  const after = await ada.call("GET", `/api/v1/contracts/${made.id}`);
  assert.equal(after.amount.amount, 27_000);
  assert.equal(after.note, "Beside");
  await page.locator(".record-head .money-sum").getByText("¥270").waitFor();
  noProblems(page);
});

test("what is left of a payment is dragged by a finger", async () => {
  const made = await contract({ amount: { amount: 90_000, currency: "CNY" } });
  await ada.call("PUT", `/api/v1/contracts/${made.id}/receivables`, { monthly: 3, first_due_on: day(1) });
  await ada.call("POST", `/api/v1/contracts/${made.id}/submit`, {});
  const payment = await ada.call("POST", "/api/v1/payments", {
    customer_id: customer.id, received_on: day(0), amount: { amount: 50_000, currency: "CNY" },
  });
  await ada.call("POST", `/api/v1/payments/${payment.id}/confirm`, {});
  const page = await open({
    screen: "phone", locale: "zh-Hans", path: `/payments/${payment.id}`, storageState: ada.storageState(),
  });
  const rows = page.locator(".alloc-row");
  await rows.nth(2).waitFor();
  await page.locator(".alloc").scrollIntoViewIfNeeded();
  const session = await page.context().newCDPSession(page);
  const touch = (type, x, y) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y }] });
  const middle = async (place) => {
    const box = await place.boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  await touch("touchStart", ...(await middle(page.locator(".alloc-chip"))));
  await page.locator(".alloc-ghost").waitFor();
  await touch("touchMove", ...(await middle(rows.nth(1))));
  await page.locator(".alloc-row.over").waitFor();
  await touch("touchEnd");
  await page.locator(".alloc-ghost").waitFor({ state: "detached" });
  assert.equal(await rows.nth(1).getByRole("textbox").inputValue(), "300.00");
  await page.locator(".alloc-chip", { hasText: "¥200" }).waitFor();
  await fitsWidth(page);
  await page.getByRole("button", { name: "核销", exact: true }).click();
  await page.locator(".alloc-line").first().waitFor();
  const { items } = await ada.call("GET", `/api/v1/receivables?filter=${encodeURIComponent(`contract_id == "${made.id}"`)}&sort=due_on`);
  assert.deepEqual(items.map((one) => one.paid_amount.amount), [0, 30_000, 0]);
  noProblems(page);
});

test("a filter on prices and percent is made of figures as people write them", async () => {
  const name = `Lathe ${Date.now()}`;
  await ada.call("POST", "/api/v1/products", { name, unit: "piece", unit_price: 12_500_500_000, tax_rate: 1300 });
  await ada.call("POST", "/api/v1/products", { name: `${name} small`, unit: "piece", unit_price: 900_000_000, tax_rate: 600 });
  const page = await open({ path: "/products", storageState: ada.storageState() });
  const add = async (field, value) => {
    await page.getByRole("button", { name: "Filter", exact: true }).click();
    await page.locator(".filter-form").getByLabel("Field").selectOption({ label: field });
    await page.locator(".filter-form").getByLabel("Value").fill(value);
    await page.locator(".filter-form").getByRole("button", { name: "Add" }).click();
  };
  await add("Price", "12500.5");
  await page.locator(".chip", { hasText: "12,500.5" }).waitFor();
  await add("Tax", "13");
  await page.locator(".chip", { hasText: "13%" }).waitFor();
  await page.locator("tr.data", { hasText: name }).first().waitFor();
  assert.equal(await page.locator("tr.data", { hasText: `${name} small` }).count(), 0);
  assert.equal(new URL(page.url()).searchParams.get("filter"), "unit_price >= 12500500000 && tax_rate >= 1300");
  noProblems(page);
});

test("who makes an opportunity is not asked where it began long ago", async () => {
  const page = await open({ path: "/opportunities/new", storageState: ada.storageState() });
  await page.locator('[data-field="stage_id"]').waitFor();
  assert.equal(await page.locator('[data-field="first_stage_id"]').count(), 0);
  noProblems(page);
});
