// Several people at once, and what can go wrong on the way: an edit that is stale, a lead that
// somebody else took, a connection that is lost, a session that ended.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { administrator, api, axeClean, browser, noProblems } from "./support.mjs";

const { open } = browser();
let caller;

before(async () => {
  caller = await api();
});

/** Another person of the workspace who sells, signed in. */
async function colleague(name, email) {
  const { items } = await caller.call("GET", "/api/v1/roles?limit=50");
  const role = items.find((one) => !one.administers);
  const user = await caller.call("POST", "/api/v1/users", { name, email, role_id: role.id });
  const { password } = administrator;
  await caller.call("PUT", `/api/v1/users/${user.id}/password`, { password });
  return api({ email, password });
}

const lead = (fields) => caller.call("POST", "/api/v1/leads", fields);

test("a stale edit shows what changed and lets one keep or take it", async () => {
  const { id, version } = await lead({ name: "Stale Stella", company: "Old Company" });
  const page = await open({ path: `/leads/${id}/edit`, storageState: caller.storageState() });
  await page.getByLabel("Company", { exact: true }).fill("My Company");
  await page.getByLabel("Job title", { exact: true }).fill("Buyer");
  await caller.call(
    "PATCH",
    `/api/v1/leads/${id}`,
    { company: "Their Company", city: "Ningbo" },
    { "if-match": `"${version}"` },
  );
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Somebody changed this meanwhile" });
  await dialog.waitFor();
  await dialog.getByText("Mine: My Company").waitFor();
  await axeClean(page);
  await dialog.getByText("Theirs: Their Company").click();
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  // The form has a heading with this name too.
  await page.waitForURL(`**/leads/${id}`);
  await page.getByRole("heading", { level: 1, name: "Stale Stella" }).waitFor();
  const now = await caller.call("GET", `/api/v1/leads/${id}`);
  assert.equal(now.company, "Their Company");
  assert.equal(now.job_title, "Buyer");
  assert.equal(now.city, "Ningbo");
  noProblems(page);
});

test("a lead that somebody else claimed says who has it and leads on", async () => {
  const { id } = await lead({ name: "Wanted Wanda", company: "Two Want It" });
  const other = await colleague("Quick Quentin", "quentin@example.com");
  const page = await open({ path: "/leads?view=pool&q=Wanda", storageState: caller.storageState() });
  const line = page.locator("tr.data", { hasText: "Wanted Wanda" });
  await line.waitFor();
  await other.call("POST", `/api/v1/leads/${id}/claim`);
  await line.getByRole("button", { name: "Claim", exact: true }).click();
  await page.locator(".toast").getByText("Quick Quentin claimed this a moment ago.").waitFor();
  await line.waitFor({ state: "detached" });
  await page.locator(".toast").getByRole("button", { name: "Show the pool" }).click();
  await page.waitForURL((url) => url.search === "?view=pool");
  noProblems(page);
});

test("a lost connection is said and what was typed is sent when it is back", async () => {
  const page = await open({ path: "/leads/new", storageState: caller.storageState() });
  await page.getByLabel("Name", { exact: true }).fill("Offline Olga");
  await page.context().setOffline(true);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText(/can’t be reached/).first().waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Offline Olga");
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Offline Olga" }).waitFor();
  await page.locator(".offline").waitFor({ state: "detached" });
});

test("an ended session keeps what was typed and asks for the password over it", async () => {
  const own = await api();
  const page = await open({ path: "/leads/new", storageState: own.storageState() });
  await page.getByLabel("Name", { exact: true }).fill("Patient Paula");
  // Saving is to be what finds the session ended, not something that the page still reads.
  await page.waitForLoadState("networkidle");
  await own.call("DELETE", "/api/v1/session");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await dialog.waitFor();
  await axeClean(page);
  await dialog.getByLabel("Password").fill(administrator.password);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Patient Paula" }).waitFor();
});
