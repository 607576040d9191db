// What is done at a desk now and then: a lead that is a customer already, views of one's own, the tree
// of departments, and signing out everywhere.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { address, administrator, api, axeClean, browser, noProblems } from "./support.mjs";

const { open } = browser();
let caller;

before(async () => {
  caller = await api();
});

const signedIn = (path) => open({ path, storageState: caller.storageState() });

test("a lead becomes part of a customer that is there, and a lead again", async () => {
  const { call } = caller;
  const customer = await call("POST", "/api/v1/customers", { name: "Quay Cranes Ltd" });
  const fields = { name: "Quincy Quay", company: "QUAY CRANES", phone: "13912345001" };
  const lead = await call("POST", "/api/v1/leads", fields);
  await call("POST", `/api/v1/leads/${lead.id}/claim`);
  const page = await signedIn(`/leads/${lead.id}`);
  const head = page.locator(".record-head");
  await head.getByRole("button", { name: "Convert", exact: true }).click();
  const sheet = page.getByRole("dialog", { name: "Convert the lead" });
  await sheet.getByText("1 customer may be the same.").waitFor();
  await sheet.getByRole("radio", { name: /Quay Cranes Ltd/ }).check();
  await sheet.locator(".compare").getByText("QUAY CRANES", { exact: true }).waitFor();
  await axeClean(page);
  await sheet.getByRole("button", { name: "Convert", exact: true }).click();
  await page.locator(".toast").getByText("The lead is converted.").waitFor();
  const converted = await call("GET", `/api/v1/leads/${lead.id}`);
  assert.equal(converted.status, "converted");
  assert.equal(converted.converted_customer_id, customer.id);

  await head.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Undo the conversion" }).click();
  await page.locator(".toast").getByText("The conversion is undone.").waitFor();
  await head.getByRole("button", { name: "Convert", exact: true }).waitFor();
  const undone = await call("GET", `/api/v1/leads/${lead.id}`);
  assert.equal(undone.status, "pending");
  assert.equal(undone.converted_customer_id, null);
  const kept = await call("GET", `/api/v1/customers/${customer.id}`);
  assert.equal(kept.deleted_at, null);
  noProblems(page);
});

test("a view is saved under a name and deleted", async () => {
  const page = await signedIn('/leads?view=all&filter=city == "Wuhu"');
  const more = page.locator(".tabs").getByRole("button", { name: "More" });
  const view = page.getByRole("tab", { name: /^Down the river/ });
  await more.click();
  await page.getByRole("menuitem", { name: "Save view" }).click();
  const dialog = page.getByRole("dialog", { name: "Save view" });
  await dialog.getByLabel("Name of the view").fill("Down the river");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await view.and(page.locator("[aria-selected=true]")).waitFor();
  await axeClean(page);
  const saved = await caller.call("GET", "/api/v1/saved-views?limit=50");
  const own = saved.items.find((one) => one.name === "Down the river");
  assert.equal(own.filter, 'city == "Wuhu"');
  await more.click();
  await page.getByRole("menuitem", { name: "Delete this view" }).click();
  await page.locator(".toast").getByText("View deleted.").waitFor();
  await view.waitFor({ state: "detached" });
  noProblems(page);
});

test("a department is dragged below another, moved by keys, and put back", async () => {
  const { call } = caller;
  const make = (name) => call("POST", "/api/v1/departments", { name });
  const [north, quay] = [await make("Zone North"), await make("Zone Quay")];
  const parent = async () => (await call("GET", `/api/v1/departments/${quay.id}`)).parent_id;
  const page = await signedIn("/settings/departments");
  const node = (one, inside = page) => inside.locator(`[data-node='${one.id}']`);
  await node(quay).waitFor();
  await node(quay).locator("> .tree-line").dragTo(node(north).locator("> .tree-line"));
  await node(quay, node(north)).waitFor();
  assert.equal(await parent(), north.id);
  await axeClean(page);
  await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
  await node(quay, node(north)).waitFor({ state: "detached" });
  assert.equal(await parent(), null);

  // The one above it is the other: inwards and outwards again, and the focus stays with it.
  await node(quay).focus();
  await page.keyboard.press("Alt+ArrowRight");
  await node(quay, node(north)).and(page.locator(":focus")).waitFor();
  assert.equal(await parent(), north.id);
  await page.keyboard.press("Alt+ArrowLeft");
  await node(quay, node(north)).waitFor({ state: "detached" });
  assert.equal(await parent(), null);
  noProblems(page);
});

test("signing out everywhere ends every session of that person", async () => {
  const { items } = await caller.call("GET", "/api/v1/roles?limit=50");
  const role = items.find((one) => !one.administers);
  const person = { email: "everywhere@example.com", password: administrator.password };
  const fields = { name: "Eve Where", email: person.email, role_id: role.id };
  const user = await caller.call("POST", "/api/v1/users", fields);
  await caller.call("PUT", `/api/v1/users/${user.id}/password`, { password: person.password });
  const [here, there] = [await api(person), await api(person)];
  const page = await open({ path: "/settings/profile", storageState: here.storageState() });
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  const [cookie] = there.storageState().cookies;
  const headers = { cookie: `${cookie.name}=${cookie.value}` };
  assert.equal((await fetch(`${address}/api/v1/session`, { headers })).status, 401);
  await caller.call("GET", "/api/v1/session");
});
