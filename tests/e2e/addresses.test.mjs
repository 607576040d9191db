// Every page has an address: links put it into the bar with a step in the history, back and forward draw
// the page that it names, loading anew keeps it.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { api, browser, noProblems } from "./support.mjs";

const { open } = browser();
let caller;
let customer;
let contact;

before(async () => {
  caller = await api();
  const { call } = caller;
  customer = await call("POST", "/api/v1/customers", { name: "Address Works", customer_type: "company" });
  contact = await call("POST", "/api/v1/contacts", { name: "Adele Address", customer_id: customer.id });
  await call("POST", "/api/v1/tasks", { title: "Find the way", customer_id: customer.id });
  for (let n = 10; n < 50; n += 1) {
    await call("POST", "/api/v1/leads", { name: `Address ${n}`, company: "Street of Addresses" });
  }
});

const signedIn = (path, screen) => open({ path, screen, storageState: caller.storageState() });
const addressOf = (page) => page.evaluate(() => location.pathname + location.search + location.hash);
const steps = (page) => page.evaluate(() => history.length);
const rail = (page, name) => page.locator(".rail").getByRole("link", { name: new RegExp(`^${name}`) });
const street = (more = "") => `/leads?view=all&q=Street${more}`;

/** The page is drawn that has this heading, at this address, and the rail knows it. */
async function isAt(page, path, heading) {
  await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
  assert.equal(await addressOf(page), path);
}

test("links of the rail make steps, back and forward go along them, loading anew stays", async () => {
  const page = await signedIn("/");
  const first = await steps(page);
  await rail(page, "Leads").click();
  await isAt(page, "/leads", "Leads");
  await rail(page, "Contacts").click();
  await isAt(page, "/contacts", "Contacts");
  await rail(page, "Settings").click();
  await isAt(page, "/settings", "My profile");
  assert.equal(await steps(page), first + 3);
  await page.goBack();
  await isAt(page, "/contacts", "Contacts");
  await page.goBack();
  await isAt(page, "/leads", "Leads");
  assert.equal(await rail(page, "Leads").getAttribute("aria-current"), "page");
  await page.goForward();
  await isAt(page, "/contacts", "Contacts");
  await page.reload();
  await isAt(page, "/contacts", "Contacts");
  await page.goBack();
  await isAt(page, "/leads", "Leads");
  noProblems(page);
});

test("after going back and forward a link to any page makes one step, and none to the page itself", async () => {
  const page = await signedIn("/");
  for (const name of ["Leads", "Contacts"]) await rail(page, name).click();
  await isAt(page, "/contacts", "Contacts");
  const all = await steps(page);

  // There and back again: the page before is not taken for the one that is shown.
  await page.goBack();
  await isAt(page, "/leads", "Leads");
  await page.goForward();
  await isAt(page, "/contacts", "Contacts");
  await rail(page, "Leads").click();
  await isAt(page, "/leads", "Leads");
  assert.equal(await steps(page), all + 1);
  await rail(page, "Leads").click();
  await rail(page, "Leads").click();
  await isAt(page, "/leads", "Leads");
  assert.equal(await steps(page), all + 1);
  await page.goBack();
  await isAt(page, "/contacts", "Contacts");

  // Several steps at once, then to the page that was left; by a key this time.
  await page.evaluate(() => history.go(-2));
  await page.locator(".workbench").waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("n");
  await isAt(page, "/contacts", "Contacts");
  await page.goBack();
  await page.locator(".workbench").waitFor();
  assert.equal(await addressOf(page), "/");
  noProblems(page);
});

test("tabs of a list make steps, its filters change the one that is there", async () => {
  const page = await signedIn("/leads");
  const all = page.getByRole("tab", { name: /^All/ });
  await all.click();
  await page.locator("tr.data").first().waitFor();
  assert.equal(await addressOf(page), "/leads?view=all");
  const tabbed = await steps(page);
  await page.getByRole("searchbox").fill("Street");
  await page.waitForURL(`**${street()}`);
  assert.equal(await steps(page), tabbed);
  await page.goBack();
  await all.and(page.locator("[aria-selected=false]")).waitFor();
  assert.equal(await addressOf(page), "/leads");
  await page.goForward();
  await all.and(page.locator("[aria-selected=true]")).waitFor();
  assert.equal(await addressOf(page), street());
  noProblems(page);
});

test("a record is opened from its list, and back shows the list where it was", async () => {
  const page = await signedIn(street());
  const table = page.locator(".list-main .table-scroll");
  const row = page.locator("tr.data", { hasText: "Address 25" });
  const record = page.getByRole("heading", { level: 1, name: "Address 25" });
  // As far as one row can be told from the next.
  const isWhereItWas = async () => {
    await page.waitForFunction(() => {
      const table = document.querySelector(".list-main .table-scroll");
      return table && Math.abs(table.scrollTop - 600) < 38;
    });
  };
  await row.waitFor({ state: "attached" });
  await table.evaluate((element) => element.scrollTo(0, 600));
  await row.click();
  await page.waitForURL(`**${street("&peek=*")}`);
  const beside = await addressOf(page);
  await isWhereItWas();
  await page.locator(".sheet").getByRole("button", { name: "Open in full" }).click();
  await record.waitFor();
  assert.equal(await addressOf(page), `/leads/${new URL(beside, page.url()).searchParams.get("peek")}`);
  await page.goBack();
  await isWhereItWas();
  assert.equal(await addressOf(page), beside);
  await page.goBack();
  await page.locator(".sheet").waitFor({ state: "hidden" });
  assert.equal(await addressOf(page), street());
  // Leaving by a link keeps the place as well.
  await rail(page, "Settings").click();
  await isAt(page, "/settings", "My profile");
  await page.goBack();
  await isWhereItWas();
  await page.goForward();
  await isAt(page, "/settings", "My profile");
  noProblems(page);
});

test("what is found in the palette is a step, and so is the way up from there", async () => {
  const page = await signedIn("/contacts");
  await page.locator(".list-page").waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search and commands" }).fill("Adele Address");
  await page.locator("#palette-list [role=option]", { hasText: "Adele Address" }).first().waitFor();
  await page.keyboard.press("Enter");
  const found = `/contacts/${contact.id}`;
  await isAt(page, found, "Adele Address");
  await page.locator(".crumbs").getByRole("link", { name: "Contacts" }).click();
  await isAt(page, "/contacts", "Contacts");
  await page.goBack();
  await isAt(page, found, "Adele Address");
  await page.goBack();
  await isAt(page, "/contacts", "Contacts");
  noProblems(page);
});

test("clicks that ask for something else stay with the browser", async () => {
  const page = await signedIn("/");
  const context = page.context();
  for (const how of [{ modifiers: ["ControlOrMeta"] }, { button: "middle" }]) {
    const [other] = await Promise.all([context.waitForEvent("page"), rail(page, "Leads").click(how)]);
    await other.waitForURL("**/leads", { waitUntil: "commit" });
    await other.close();
    assert.equal(await addressOf(page), "/");
  }
  await page.goto("/ui");
  const [saved] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Save the icon" }).click(),
  ]);
  assert.equal(new URL(saved.url()).pathname, "/icons/icon.svg");
  assert.equal(await addressOf(page), "/ui");
  noProblems(page);
});

test("the link over the frame leads into the page and stays on it", async () => {
  const page = await signedIn("/");
  await rail(page, "Contacts").click();
  await isAt(page, "/contacts", "Contacts");
  await page.locator("a.skip").focus();
  await page.keyboard.press("Enter");
  await page.locator("main:focus").waitFor();
  await isAt(page, "/contacts#main", "Contacts");
  noProblems(page);
});

/** The links into the app that can be seen now: address, and which of those with this address it is. */
const linksOf = (page) =>
  page.evaluate(() => {
    const seen = {};
    return [...document.querySelectorAll('a[href^="/"]:not([target], [download], [rel~=external])')]
      .filter((link) => link.checkVisibility({ visibilityProperty: true }))
      .map((link) => {
        const href = link.getAttribute("href");
        seen[href] = (seen[href] ?? -1) + 1;
        return { href, at: seen[href], kind: `${href} ${link.className}` };
      });
  });

for (const screen of ["desktop", "phone"]) {
  test(`every link on a ${screen} leads to its address, and back from there`, async () => {
    const page = await signedIn("/", screen);
    const known = new Set();
    // The frame's links are tried on the first one, which is light to draw.
    const pages = [
      ["/contacts?view=all", "tr.data a"],
      [`/customers/${customer.id}`, ".related-line"],
      ["/", ".workbench .figures"],
      ["/settings/profile", ".settings"],
    ];
    // The settings have the same links on a phone.
    for (const [path, drawn] of screen === "phone" ? pages.slice(0, 3) : pages) {
      await page.goto(path);
      await page.locator(drawn).first().waitFor();
      const links = (await linksOf(page)).filter(({ kind }) => !known.has(kind) && known.add(kind));
      const before = await steps(page);
      for (const { href, at } of links) {
        const link = page.locator(`a[href=${JSON.stringify(href)}]`).filter({ visible: true }).nth(at);
        await link.click();
        assert.equal(await addressOf(page), href, `a link on ${path}`);
        await page.locator("main h1").first().waitFor({ state: "attached" });
        if (href === path) continue;
        assert.equal(await steps(page), before + 1, `steps after a click on ${href}`);
        await page.goBack();
        await page.locator(drawn).first().waitFor();
        assert.equal(await addressOf(page), path, `back from ${href}`);
      }
    }
    noProblems(page);
  });
}

test("on a phone the lines of “More” close it and make a step", async () => {
  const page = await signedIn("/", "phone");
  await page.locator(".bottom").getByRole("button", { name: "More" }).click();
  await page.locator(".more-lines").getByRole("link", { name: "Contacts" }).click();
  await isAt(page, "/contacts", "Contacts");
  await page.locator(".more-lines").waitFor({ state: "hidden" });
  await page.goBack();
  await page.locator(".workbench").waitFor();
  assert.equal(await addressOf(page), "/");
  noProblems(page);
});
