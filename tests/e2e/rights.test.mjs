// Somebody who sells, without the right to handle money and without reach over others: no page offers
// what they can't do, and what is not for them says so.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { administrator, api, axeClean, browser, day, noProblems } from "./support.mjs";

const { open } = browser();
let ada;
let sam;
let theirs;

before(async () => {
  ada = await api();
  // They see everybody's records and change their own.
  const role = await ada.call("POST", "/api/v1/roles", {
    name: `Plain sales ${Date.now()}`, read_reach: "all", write_reach: "own",
  });
  const email = `sam${Date.now()}@example.com`;
  const user = await ada.call("POST", "/api/v1/users", { name: "Sam Sales", email, role_id: role.id });
  await ada.call("PUT", `/api/v1/users/${user.id}/password`, { password: administrator.password });
  sam = await api({ ...administrator, email });
  const customer = await ada.call("POST", "/api/v1/customers?allow_duplicate=true", {
    name: `Not Sam's ${Date.now()}`, customer_type: "company",
  });
  await ada.call("POST", `/api/v1/customers/${customer.id}/claim`);
  const make = async (name) => {
    const made = await ada.call("POST", "/api/v1/contracts", {
      name, customer_id: customer.id, signed_on: day(-30), amount: { amount: 90_000, currency: "CNY" },
    });
    await ada.call("PUT", `/api/v1/contracts/${made.id}/receivables`, { monthly: 3, first_due_on: day(-10) });
    return made.id;
  };
  const draft = await make("Draft of Ada's");
  const contract = await make("Contract of Ada's");
  await ada.call("POST", `/api/v1/contracts/${contract}/submit`, {});
  const pay = (amount) =>
    ada.call("POST", "/api/v1/payments", { customer_id: customer.id, received_on: day(0), amount: { amount, currency: "CNY" } });
  const [reported, confirmed] = [await pay(100), await pay(40_000)];
  await ada.call("POST", `/api/v1/payments/${confirmed.id}/confirm`, { allocate: { oldest: true } });
  const opportunity = await ada.call("POST", "/api/v1/opportunities", { name: "Chance of Ada's", customer_id: customer.id });
  theirs = { opportunity: opportunity.id, customer: customer.id, draft, contract, reported: reported.id, confirmed: confirmed.id };
});

/** The buttons and links of a record's page that do something, but for the frame's. */
async function offered(page, path, drawn) {
  await page.goto(path);
  await page.locator(drawn).first().waitFor();
  await page.locator(".skeleton").first().waitFor({ state: "detached" });
  await page.waitForLoadState("networkidle");
  const names = await page
    .locator(".record-head, .record-middle > div, .record-middle > section.card:not(:has(.tabs))")
    .locator("button:visible:enabled, a.btn:visible")
    .evaluateAll((all) => all.map((one) => one.getAttribute("aria-label") || one.textContent.trim()));
  return names;
}

test("who does not handle money is told so at finance's desk", async () => {
  const page = await open({ path: "/finance", storageState: sam.storageState() });
  await page.locator("main .state").waitFor();
  assert.equal(await page.locator("nav").getByRole("link", { name: "Finance" }).count(), 0);
  await axeClean(page);
  noProblems(page);
});

test("payments and contracts of others offer what can be done alone", async () => {
  const page = await open({ path: "/", storageState: sam.storageState() });
  assert.deepEqual(await offered(page, `/payments/${theirs.reported}`, ".record-head h1"), []);
  assert.deepEqual(await offered(page, `/payments/${theirs.confirmed}`, ".alloc-line"), []);
  assert.deepEqual(await offered(page, `/contracts/${theirs.draft}`, ".dues .due"), []);
  assert.deepEqual(await offered(page, `/opportunities/${theirs.opportunity}`, ".stage-history li"), []);
  assert.deepEqual(await offered(page, `/customers/${theirs.customer}`, ".timeline"), []);
  const rest = await offered(page, `/contracts/${theirs.contract}`, ".dues .due");
  assert.deepEqual([...new Set(rest)], ["Report a payment", "Actions of instalment 2", "Actions of instalment 3"]);
  await page.getByRole("button", { name: "Actions of instalment 2" }).click();
  assert.deepEqual(await page.getByRole("menuitem").allInnerTexts(), ["Report a payment"]);
  await page.keyboard.press("Escape");
  await axeClean(page);

  // The form of what is somebody else's says so before anything is typed.
  await page.goto(`/contracts/${theirs.draft}/edit`);
  await page.getByRole("link", { name: "Back to the record" }).waitFor();
  assert.equal(await page.locator("form.stack").count(), 0);
  await axeClean(page);
  noProblems(page);
});

test("what is there for nobody says so", async () => {
  const page = await open({ path: "/contracts/01900000-0000-7000-8000-000000000000", storageState: sam.storageState() });
  await page.locator("main .state").first().waitFor();
  await axeClean(page);
  noProblems(page);
});
