// What every journey is made of: steps, each with a page of its own in a real Chromium. A page that logs an error, breaks
// the content security policy, or gets a failed answer fails its step. ORIEL_URL says where the server is. Pictures are kept
// of steps that fail.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";

import { launch, patience, watch } from "./browser.mjs";

export const base = (process.env.ORIEL_URL ?? "http://127.0.0.1:4319").replace(/\/$/, "");
const pictures = fileURLToPath(new URL("../test-results/", import.meta.url));

/** The page of the step that runs, and what its pages share: cookies, storage. */
export let page;
export let context;

let browser;
let complaints;
let forgiven;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, permissions: ["clipboard-read", "clipboard-write"] });
  complaints = [];
  forgiven = [];
  page = await newPage();
});

afterEach(async (t) => {
  if (!t.passed) {
    await mkdir(pictures, { recursive: true });
    await page.screenshot({ path: `${pictures}${t.name.replace(/\W+/g, "-")}.png` });
  }
  await context.close();
});

/** Another page, such as of somebody else who shares the browser. */
export async function newPage() {
  const made = await context.newPage();
  made.setDefaultTimeout(patience);
  await watch(made, (complaint) => complaints.push(complaint));
  return made;
}

/** Of what the step does on purpose the browser may complain. */
export function forgive(...patterns) {
  forgiven.push(...patterns);
}

function heard() {
  return complaints.filter((text) => !forgiven.some((pattern) => pattern.test(text)));
}

/** A step of a journey. */
export function step(name, run) {
  test(name, { timeout: 6 * patience }, async () => {
    await run();
    assert.deepEqual(heard(), []);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(overflow, 0, "the page is wider than the window");
  });
}

export const heading = (name) => page.getByRole("heading", { level: 1, name });
export const dialog = () => page.getByRole("dialog");

/** Opens a path of the server and waits for its heading. */
export async function open(path, name) {
  await page.goto(base + path);
  await heading(name).waitFor();
}
