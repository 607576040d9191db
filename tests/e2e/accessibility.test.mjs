// No page breaks a rule of accessibility, in light and in dark, on a desk and on a phone.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { accessibilityOf, api, browser, noProblems, sidewaysOf } from "./support.mjs";

const { open } = browser();
let caller;
let ids;

before(async () => {
  caller = await api();
  ids = await something(caller);
});

/** Records of every kind that has a page, with something said and something to do. */
async function something({ call }) {
  const lead = await call("POST", "/api/v1/leads", {
    name: "Lena Ortiz",
    company: "Northwind Tools",
    job_title: "Head of purchasing",
    phone: "13911112222",
    email: "lena@northwind.example",
    city: "Ningbo",
  });
  await call("POST", `/api/v1/leads/${lead.id}/claim`);
  await call("POST", "/api/v1/leads", { name: "Nobody's yet", phone: "13911113333" });
  const customer = await call("POST", "/api/v1/customers", {
    name: "Northwind Group",
    customer_type: "company",
    phone: "057411112222",
  });
  const contact = await call("POST", "/api/v1/contacts", {
    name: "Ola Berg",
    customer_id: customer.id,
    job_title: "Buyer",
    phone: "13911114444",
  });
  const activity = await call("POST", "/api/v1/activities", {
    activity_type: "call",
    content: "Asked for a quote",
    lead_id: lead.id,
    next_contact_at: new Date(Date.now() + 86_400_000).toISOString(),
  });
  const task = await call("POST", "/api/v1/tasks", {
    title: "Send the quote",
    due_at: new Date(Date.now() + 3_600_000).toISOString(),
    customer_id: customer.id,
  });
  return { lead: lead.id, customer: customer.id, contact: contact.id, activity: activity.id, task: task.id };
}

/** Each page by its name: where it lies, what shows that it is drawn, what is done there first. */
const pages = () => [
  ["the workbench", "/", "h1"],
  ["the pool", "/leads?view=pool", "tr.data"],
  ["the list of leads", "/leads?view=all", "tr.data"],
  ["the peek", `/leads?view=all&peek=${ids.lead}`, ".sheet:has(.peek-head) .timeline"],
  ["a lead", `/leads/${ids.lead}`, ".record .timeline"],
  ["the conversion sheet", `/leads/${ids.lead}`, ".record .timeline", convert],
  ["a new lead", "/leads/new", "form .field"],
  ["a lead being edited", `/leads/${ids.lead}/edit`, "form .field"],
  ["the list of customers", "/customers?view=all", "tr.data"],
  ["a customer", `/customers/${ids.customer}`, ".record .related-line"],
  ["the list of contacts", "/contacts", "tr.data"],
  ["a contact", `/contacts/${ids.contact}`, ".record h1"],
  ["the list of activities", "/activities", "tr.data"],
  ["an activity", `/activities/${ids.activity}`, ".record h1"],
  ["the list of tasks", "/tasks?view=all", "tr.data"],
  ["a task", `/tasks/${ids.task}`, ".record h1"],
  ["the import", "/import", ".file-drop"],
  ["the palette", "/", "h1", palette],
  ["the keys", "/", "h1", help],
  ["my profile", "/settings/profile", "h1"],
  ["the users", "/settings/users", "main h1"],
  ["the departments", "/settings/departments", "main h1"],
  ["the roles", "/settings/roles", "main h1"],
  ["the pools", "/settings/pools", "main h1"],
  ["the territories", "/settings/territories", "main h1"],
  ["the dictionaries", "/settings/dictionary-entries", "main h1"],
  ["the tags", "/settings/tags", "main h1"],
  ["nowhere", "/nowhere", "main h1, main h2"],
];

async function convert(page) {
  await page.locator(".record-head").getByRole("button", { name: "Convert", exact: true }).click();
  await page.locator("dialog[open] .convert").waitFor();
}

async function palette(page) {
  await page.keyboard.press("Control+k");
  await page.locator("#palette-list [role=option]").first().waitFor();
}

async function help(page) {
  await page.keyboard.press("?");
  await page.locator("dialog[open] .shortcuts").first().waitFor();
}

for (const screen of ["desktop", "phone"]) {
  test(`every page is accessible on a ${screen} in light and dark`, async () => {
    const page = await open({ screen, storageState: caller.storageState() });
    const found = [];
    for (const [name, path, drawn, prepare] of pages()) {
      // What is reached by keys belongs to the desk; what is drawn by the same part is seen once.
      if (screen === "phone" && (prepare || /roles|pools|territories|tags/.test(path))) continue;
      await page.goto(path);
      await page.locator(drawn).first().waitFor();
      await page.locator(".skeleton").first().waitFor({ state: "detached" });
      await prepare?.(page);
      const broken = [...(await accessibilityOf(page)), ...(await sidewaysOf(page))];
      // In the dark the same page has other colours.
      await page.evaluate(() => (document.documentElement.dataset.theme = "dark"));
      await page.waitForFunction(() => document.getAnimations().length === 0);
      broken.push(...(await accessibilityOf(page, ["color-contrast"])));
      found.push(...broken.map((problem) => `${name}: ${problem}`));
    }
    assert.deepEqual(found, []);
    noProblems(page);
  });
}

for (const theme of ["light", "dark"]) {
  test(`signing in is accessible in ${theme}`, async () => {
    const page = await open({ theme });
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    assert.deepEqual(await accessibilityOf(page), []);
  });
}
