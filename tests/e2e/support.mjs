// What every journey stands on: the browser, pages as people have them, the accessibility check.
//
// `cargo xtask test e2e` starts a server with an empty database and says where it is:
// TEST_URL its address, TEST_CHROMIUM the browser, TEST_SHOTS the folder for pictures. A journey that
// begins with the first run starts a server of its own: TEST_PROGRAM the program, TEST_APP the app.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before } from "node:test";

import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

export const address = setting("TEST_URL");
const shots = process.env.TEST_SHOTS ?? "shots";

/** The screens that every page is made for. */
export const screens = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

function setting(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: run the journeys with \`cargo xtask test e2e\``);
  return value;
}

/**
 * The browser of one test file, started before its first test and closed after the last. In each
 * test `open` gives a page; a test that fails leaves a picture of every open page behind.
 */
export function browser() {
  let running;
  const contexts = new Set();

  before(async () => {
    running = await chromium.launch({
      executablePath: setting("TEST_CHROMIUM"),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
  });
  after(() => running?.close());
  afterEach(async (test) => {
    if (test.passed === false || test.error) await picture(contexts, test.fullName ?? test.name);
    await Promise.all([...contexts].map((context) => context.close()));
    contexts.clear();
  });

  return {
    /**
     * A page of a person of their own: no cookies, nothing stored. What the page writes to its
     * console as an error fails the test through `page.problems`.
     */
    async open({
      screen = "desktop",
      locale = "en",
      theme = "light",
      path = "/",
      at = address,
      storageState,
    } = {}) {
      const context = await running.newContext({
        ...screens[screen],
        baseURL: at,
        locale: locale === "zh-Hans" ? "zh-CN" : locale,
        colorScheme: theme,
        reducedMotion: "reduce",
        timezoneId: "Asia/Shanghai",
        storageState,
      });
      contexts.add(context);
      await context.addInitScript(
        ([language, colours]) => {
          // What the person chooses on the page stays when it is loaded again.
          if (!localStorage.getItem("kehu.locale")) localStorage.setItem("kehu.locale", language);
          if (!localStorage.getItem("kehu.theme")) localStorage.setItem("kehu.theme", colours);
        },
        [locale, theme],
      );
      context.setDefaultTimeout(15_000);
      const page = await context.newPage();
      page.problems = [];
      page.on("pageerror", (error) => page.problems.push(String(error)));
      page.on("console", (message) => {
        // A refusal of the server is an answer that the app draws, not a mistake of the app.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
          page.problems.push(message.text());
        }
      });
      await page.goto(path);
      await page.locator("#boot").waitFor({ state: "detached" });
      return page;
    },
  };
}

/** A port that nobody uses at the moment. */
async function freePort() {
  const listener = createServer();
  await new Promise((done) => listener.listen(0, "127.0.0.1", done));
  const { port } = listener.address();
  await new Promise((done) => listener.close(done));
  return port;
}

/**
 * A server of one test's own, with an empty database: `{ address, stop }`. It ends with the tests
 * even when `stop` is never called.
 */
export async function server() {
  const folder = mkdtempSync(join(tmpdir(), "kehu-e2e-"));
  const port = await freePort();
  const process_ = spawn(setting("TEST_PROGRAM"), ["serve"], {
    cwd: folder,
    stdio: "ignore",
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: `sqlite://${join(folder, "test.db")}?mode=rwc`,
      KEHU_PORT: String(port),
      KEHU_APP_DIR: setting("TEST_APP"),
    },
  });
  const kill = () => process_.kill("SIGKILL");
  process.once("exit", kill);
  const own = `http://127.0.0.1:${port}`;
  const until = Date.now() + 60_000;
  for (;;) {
    const ready = await fetch(`${own}/readyz`).then((answer) => answer.ok, () => false);
    if (ready) break;
    assert.ok(process_.exitCode === null && Date.now() < until, "the server does not answer");
    await new Promise((done) => setTimeout(done, 50));
  }
  return {
    address: own,
    stop() {
      process.removeListener("exit", kill);
      kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function picture(contexts, name) {
  mkdirSync(shots, { recursive: true });
  let number = 0;
  for (const context of contexts) {
    for (const page of context.pages()) {
      number += 1;
      const file = join(shots, `${name.replace(/[^\p{L}\p{N}]+/gu, "-")}-${number}.png`);
      await page.screenshot({ path: file }).catch(() => {});
      console.log(`picture of the failure: ${file}`);
    }
  }
}

/**
 * The rules of accessibility that the page breaks as it is now, each with its element; of all rules,
 * or of these.
 */
export async function accessibilityOf(page, rules) {
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}\n  ${node.target.join(" ")}\n  ${node.html.slice(0, 200)}`),
  );
}

/** Fails when the page as it is now breaks a rule of accessibility, naming rule and element. */
export async function axeClean(page) {
  assert.deepEqual(await accessibilityOf(page), [], `accessibility of ${page.url()}`);
}

/** Says so when the page scrolls sideways: something is wider than the screen. */
export async function sidewaysOf(page) {
  const [wide, room] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  return wide <= room ? [] : [`${wide} px wide on a screen of ${room} px`];
}

/** Fails when the page scrolls sideways. */
export async function fitsWidth(page) {
  assert.deepEqual(await sidewaysOf(page), [], page.url());
}

/** Fails when the page wrote errors to its console or threw one. */
export function noProblems(page) {
  assert.deepEqual(page.problems, [], `errors of ${page.url()}`);
}

/** The day that many days from today, in the workspace's time zone: `2026-11-22`. */
export function day(away) {
  const at = new Date(Date.now() + away * 86_400_000);
  return new Intl.DateTimeFormat("sv-SE", { timeZone: administrator.time_zone }).format(at);
}

/** The one administrator of the journeys. */
export const administrator = {
  workspace_name: "Kehu Test",
  locale: "en",
  currency: "CNY",
  time_zone: "Asia/Shanghai",
  name: "Ada Admin",
  email: "ada@example.com",
  password: "correct horse battery staple",
};

/**
 * A signed-in caller of the API that makes what a journey needs before it begins. The workspace is
 * made when there is none yet, so that each test file can be run alone.
 */
export async function api(person = administrator, at = address) {
  let cookie = "";
  let csrf = "";
  async function call(method, path, body, headers = {}) {
    const answer = await fetch(at + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(cookie ? { cookie } : {}),
        ...(csrf ? { "x-csrf-token": csrf } : {}),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const set = answer.headers.getSetCookie().map((one) => one.split(";")[0]);
    if (set.length > 0) cookie = set.join("; ");
    const text = await answer.text();
    const value = text ? JSON.parse(text) : null;
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return value;
  }

  const setup = await call("GET", "/api/v1/setup");
  const session = setup.needed
    ? await call("POST", "/api/v1/setup", { ...administrator, ...person })
    : await call("POST", "/api/v1/session", { email: person.email, password: person.password });
  csrf = session.csrf_token;

  return {
    session,
    call,
    /** What `open({ storageState })` wants in order to begin signed in. */
    storageState() {
      const { hostname } = new URL(at);
      const cookies = cookie.split("; ").map((pair) => {
        const at = pair.indexOf("=");
        return {
          name: pair.slice(0, at),
          value: pair.slice(at + 1),
          domain: hostname,
          path: "/",
          expires: -1,
          httpOnly: true,
          secure: false,
          sameSite: "Lax",
        };
      });
      return { cookies, origins: [] };
    },
  };
}
