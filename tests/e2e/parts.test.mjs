// The app comes in parts: the first screen brings its own alone, a part that does not come can be asked
// for again, and what is kept opens without a network.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { api, browser, noProblems } from "./support.mjs";

const { open } = browser();
let caller;

before(async () => {
  caller = await api();
});

test("the first screen fetches the workbench and no page that nobody opened", async () => {
  const page = await open({ path: "/ui" });
  await stopKeeping(page);
  const fetched = [];
  page.on("request", (request) => {
    const part = /\/parts\/split_([a-z]+)\./.exec(request.url());
    if (part) fetched.push(part[1]);
  });
  await page.context().addCookies(caller.storageState().cookies);
  await page.goto("/");
  await page.locator(".workbench .figures").first().waitFor();
  assert.deepEqual(fetched, ["workbench"]);
  noProblems(page);
});

test("a part that does not come can be asked for again", async () => {
  const page = await open({ storageState: caller.storageState() });
  await stopKeeping(page);
  const office = "**/parts/split_office*";
  await page.context().route(office, (route) => route.abort());
  await page.goto("/settings/profile");
  await page.getByRole("heading", { name: "This part of Kehu did not load" }).waitFor();
  await page.context().unroute(office);
  await page.getByRole("button", { name: "Load again" }).click();
  await page.getByRole("heading", { level: 1, name: "My profile" }).waitFor();
});

test("the app opens without a network when it has been opened before", async () => {
  const page = await open({ storageState: caller.storageState() });
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => null));
  await page.context().setOffline(true);
  await page.goto("/leads");
  await page.getByText("Kehu can’t be reached.").waitFor();
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { level: 1, name: "Leads" }).waitFor();
});

/** Takes the service worker away, which would answer from what it has kept. */
async function stopKeeping(page) {
  await page.evaluate(async () => {
    const workers = await navigator.serviceWorker.getRegistrations();
    await Promise.all(workers.map((worker) => worker.unregister()));
  });
}
