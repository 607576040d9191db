// The keyboard does what the mouse does: go to, create, move, select, open, close.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { api, axeClean, browser, noProblems } from "./support.mjs";

const { open } = browser();
let caller;

before(async () => {
  caller = await api();
  for (const name of ["Key One", "Key Two", "Key Three"]) {
    await caller.call("POST", "/api/v1/leads", { name, company: "Keyboard Works" });
  }
});

const signedIn = (path) => open({ path, storageState: caller.storageState() });
const keyLeads = "/leads?view=all&q=Keyboard";

test("the palette goes to a lead, and gives the focus back when it is closed", async () => {
  const page = await signedIn("/");
  const search = page.locator(".top-search");
  await search.focus();
  await page.keyboard.press("Control+k");
  const box = page.getByRole("combobox", { name: "Search and commands" });
  await box.waitFor();
  await page.keyboard.press("Escape");
  await box.waitFor({ state: "detached" });
  await page.locator(".top-search:focus").waitFor();
  await page.keyboard.press("Control+k");
  await box.fill("Key Two");
  await page.locator("#palette-list [role=option]", { hasText: "Key Two" }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Key Two" }).waitFor();
  noProblems(page);
});

test("J, K, X, Enter and Escape work in a list", async () => {
  const page = await signedIn(keyLeads);
  const rows = page.locator("tr.data");
  await rows.nth(2).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await page.keyboard.press("x");
  await page.locator("tr.data[aria-selected=true]").waitFor();
  assert.equal(await page.locator("tr.data[aria-selected=true]").count(), 1);
  await page.keyboard.press("Enter");
  await page.locator(".sheet .peek-title").waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".sheet .peek-title").waitFor({ state: "detached" });
  assert.equal(new URL(page.url()).pathname, "/leads");
  noProblems(page);
});

test("C creates and ? shows the keys", async () => {
  const page = await signedIn("/");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keyboard" });
  await keys.waitFor();
  await page.keyboard.press("Escape");
  await keys.waitFor({ state: "detached" });
  await page.keyboard.press("c");
  await page.waitForURL("**/leads/new");
  await page.getByRole("heading", { level: 1, name: "New Lead" }).waitFor();

  // A company that is there in another spelling is told while one types; Tab leads to it.
  await page.getByLabel("Company", { exact: true }).fill("KEYBOARD WORKS, Ltd.");
  const hint = page.locator(".repeats", { hasText: "Perhaps here already" });
  await hint.getByRole("link", { name: "Lead Key One" }).waitFor();
  await axeClean(page);
  await page.keyboard.press("Tab");
  await hint.locator("a:focus").waitFor();
  await page.getByLabel("Company", { exact: true }).fill("Somebody else");
  await hint.waitFor({ state: "detached" });
  noProblems(page);
});
