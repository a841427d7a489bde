// What people do with dashboards, in a real Chromium against a running server: make one, keep it, go back to an older
// version, take others in, share them. As e2e/journey.test.mjs, it wants ORIEL_URL with data of all three signals.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";

import axe from "axe-core";
import { chromium } from "playwright-core";

import { openDashboard } from "./sweep/open.mjs";

const base = (process.env.ORIEL_URL ?? "http://127.0.0.1:4319").replace(/\/$/, "");
const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const pictures = fileURLToPath(new URL("../test-results/", import.meta.url));
const fixtures = new URL("../testdata/dashboards/", import.meta.url);
const patience = 20_000;
// A server may keep what an earlier run has left.
const mark = Date.now().toString(36);

let browser;
let context;
let page;
let complaints;
let expected;

before(async () => {
  browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
});

after(() => browser?.close());

beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, acceptDownloads: true });
  complaints = [];
  expected = [];
  page = await newPage();
});

afterEach(async (t) => {
  if (!t.passed) {
    await mkdir(pictures, { recursive: true });
    await page.screenshot({ path: `${pictures}${t.name.replace(/\W+/g, "-")}.png` });
  }
  await context.close();
});

async function newPage() {
  const made = await context.newPage();
  made.setDefaultTimeout(patience);
  made.on("console", (message) => message.type() === "error" && complaints.push(`console: ${message.text()}`));
  made.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  made.on("response", (response) => response.status() >= 400 && complaints.push(`${response.status()} ${response.url()}`));
  return made;
}

function step(name, run) {
  test(name, { timeout: 6 * patience }, async () => {
    await run();
    assert.deepEqual(
      complaints.filter((text) => !expected.some((part) => text.includes(part))),
      [],
    );
  });
}

/** No violation of WCAG 2.2 AA that axe can see. */
async function checkAccess(what) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }));
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(", ")}`),
    [],
  );
}

const dialog = () => page.getByRole("dialog");
const panel = (title) => page.getByRole("region", { name: title, exact: true });

async function addPanel(kind) {
  await page.getByRole("button", { name: "Add ▾" }).click();
  await page.getByRole("menuitem", { name: kind, exact: true }).click();
  await page.getByLabel("Find a setting").waitFor();
}

async function nameIt(title) {
  await page.getByLabel("Title", { exact: true }).fill(title);
  await page.getByRole("heading", { name: title }).waitFor();
}

async function ask(query, source) {
  if (source) {
    await page.getByRole("combobox", { name: "Data source of A" }).click();
    await page.getByRole("option", { name: source, exact: true }).click();
  }
  await page.locator('.cm-content[aria-label="Query A"]').click();
  await page.keyboard.insertText(query);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Enter");
}

async function finish() {
  await page.getByRole("button", { name: "Done" }).last().click();
}

async function save(message) {
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await dialog().getByLabel("What has changed").fill(message);
  await dialog().getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Unsaved changes").waitFor({ state: "detached" });
}

async function rename(on, title) {
  await on.getByRole("button", { name: "Settings", exact: true }).click();
  await on.getByLabel("Title", { exact: true }).fill(title);
  await on.getByRole("dialog").getByRole("button", { name: "Apply" }).click();
}

/** Sends a dashboard of the project's own and opens it. */
async function keep(file, uid) {
  const dashboard = JSON.parse(await readFile(new URL(file, fixtures), "utf8"));
  const answer = await fetch(`${base}/oriel/api/v1/dashboards`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ dashboard: { ...dashboard, uid }, overwrite: true }) });
  assert.equal(answer.status, 200, await answer.text());
  return `${base}/d/${uid}`;
}

step("a dashboard is made of three signals and a variable, kept, loaded again, and an old version restored", async () => {
  await page.goto(`${base}/dashboards`);
  await page.getByRole("button", { name: "New dashboard" }).click();
  await page.getByRole("toolbar", { name: "Edit the dashboard" }).waitFor();

  await addPanel("Panel from a query");
  await ask("sum by (job) (up)");
  await page.locator("[data-panel] canvas").first().waitFor();
  await nameIt("Targets");
  await checkAccess("panel editor");
  await finish();

  await addPanel("Logs");
  await nameIt("Lines");
  await ask('{service_name=~".+"}', "Loki");
  await finish();

  await addPanel("Table");
  await nameIt("Slow traces");
  await ask("{ duration > 1ms }", "Tempo");
  await finish();
  await panel("Slow traces").getByRole("row").nth(1).waitFor();
  await panel("Lines").getByRole("row").or(panel("Lines").getByRole("listitem")).or(panel("Lines").locator("[data-index]")).first().waitFor();

  await page.getByRole("button", { name: "Variables" }).click();
  await dialog().getByRole("button", { name: "Add a variable" }).click();
  await dialog().getByLabel("Name", { exact: true }).fill("job");
  await dialog().getByLabel("Query", { exact: true }).fill("label_values(up, job)");
  await dialog().getByRole("button", { name: "Apply" }).click();
  await page.getByRole("button", { name: /^job: oriel/ }).waitFor();
  await checkAccess("edit mode");
  await rename(page, `Journey ${mark}`);
  await save("three panels");

  await page.reload();
  for (const title of ["Targets", "Lines", "Slow traces"]) await panel(title).waitFor();
  await page.getByRole("button", { name: /^job: oriel/ }).waitFor();

  // Keys move, resize and remove; each step can be taken back.
  const group = page.getByRole("group", { name: /^Targets: arrow keys/ });
  const stood = await group.boundingBox();
  await group.focus();
  await page.keyboard.press("ArrowRight");
  await assert.doesNotReject(async () => page.waitForFunction(([label, x]) => document.querySelector(`[aria-label^="${label}"]`).getBoundingClientRect().x > x, ["Targets: arrow", stood.x]));
  await page.keyboard.press("Delete");
  await group.waitFor({ state: "detached" });
  await page.keyboard.press("Control+z");
  await group.waitFor();

  await page.getByRole("button", { name: "Versions" }).click();
  await dialog().getByText("three panels").waitFor();
  await dialog().getByRole("button", { name: "Restore" }).last().click();
  await dialog().waitFor({ state: "detached" });
  await page.getByText("No panels yet").waitFor();
  await page.getByRole("heading", { level: 1, name: "New dashboard" }).waitFor();
});

step("two who change a dashboard at once do not overwrite each other", async () => {
  const address = await keep("modern.json", `conflict-${mark}`);
  expected = ["412"];
  await page.goto(`${address}?edit=1`);
  const other = await newPage();
  await other.goto(`${address}?edit=1`);
  await rename(other, "Theirs");
  await other.getByRole("button", { name: "Save", exact: true }).click();
  await other.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
  await other.getByText("Unsaved changes").waitFor({ state: "detached" });

  await rename(page, "Mine");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await dialog().getByRole("button", { name: "Save", exact: true }).click();
  await dialog().getByText("Somebody else has saved this dashboard").waitFor();
  await dialog().getByRole("button", { name: "Show both" }).click();
  await dialog().getByText("What they changed").waitFor();
  await dialog().getByRole("button", { name: "Overwrite their version" }).click();
  await page.getByRole("heading", { level: 1, name: "Mine" }).waitFor();
});

step("who leaves with changes that are not saved is asked", async () => {
  await page.goto(`${await keep("modern.json", `leave-${mark}`)}?edit=1`);
  await page.getByRole("group", { name: /^Share: arrow keys/ }).focus();
  await page.keyboard.press("Delete");
  await page.getByText("Unsaved changes").waitFor();
  const asked = new Promise((done) => {
    page.once("dialog", (shown) => {
      done(shown.message());
      void shown.dismiss();
    });
  });
  await page.getByRole("link", { name: "Alerts" }).click();
  assert.match(await asked, /not saved/);
  assert.match(page.url(), /\/d\/leave-/);
});

step("dashboards are imported from files and from text, into a folder, and found by star and folder", async () => {
  await page.goto(`${base}/dashboards`);
  await page.getByRole("button", { name: "Folders", exact: true }).click();
  await dialog().getByLabel("Name of a new folder").fill(`Team ${mark}`);
  await dialog().getByRole("button", { name: "Make the folder" }).click();
  await dialog().getByLabel(`Name of Team ${mark}`).waitFor();
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Import", exact: true }).click();
  const text = await readFile(new URL("modern.json", fixtures), "utf8");
  const renamed = text.replace('"modern"', `"import-${mark}"`).replace(/"title": "[^"]+"/, `"title": "Imported ${mark}"`);
  await page.getByLabel("Files", { exact: true }).setInputFiles({ name: "modern.json", mimeType: "application/json", buffer: Buffer.from(renamed) });
  await page.getByRole("combobox", { name: "Into the folder" }).click();
  await page.getByRole("option", { name: `Team ${mark}` }).click();
  await page.getByText(/schema 41 · \d+ panels/).waitFor();
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByRole("link", { name: "Imported: open it" }).click();
  await page.locator("[data-panel]").first().waitFor();
  await page.getByRole("button", { name: "Star this dashboard" }).click();
  await page.getByRole("button", { name: "Remove the star" }).waitFor();

  await page.goto(`${base}/dashboards?starred=1&q=${mark}`);
  const table = page.getByRole("table", { name: "Dashboards" });
  await table.getByRole("row").filter({ hasText: `Imported ${mark}` }).filter({ hasText: `Team ${mark}` }).waitFor();
  await checkAccess("list");
  const back = await (await fetch(`${base}/oriel/api/v1/dashboards/import-${mark}/export`)).text();
  assert.equal(JSON.stringify(JSON.parse(back)), JSON.stringify(JSON.parse(renamed)), "what was not edited comes back as it came");
});

step("a dashboard is shared: by link, by short link, as a snapshot, in a playlist", async () => {
  const address = await keep("modern.json", `share-${mark}`);
  await page.goto(`${address}?from=now-15m&to=now`);
  await panel("By instance").getByRole("row").nth(1).waitFor();
  await page.getByRole("button", { name: "Share", exact: true }).last().click();
  await dialog().getByRole("button", { name: "Make it short" }).click();
  await page.waitForFunction(() => document.querySelector('[aria-label="Link"]').value.includes("/share/"));
  const short = await dialog().getByLabel("Link", { exact: true }).inputValue();
  await dialog().getByLabel("Name of the snapshot").fill(`Taken ${mark}`);
  await dialog().getByRole("button", { name: "Take a snapshot" }).click();
  await dialog().getByRole("link", { name: "Open the snapshot" }).click();
  await page.waitForURL(/\/snapshots\//);
  await page.getByRole("heading", { level: 1, name: `Taken ${mark}` }).waitFor();
  await panel("By instance").getByRole("row").nth(1).waitFor();
  await page.locator("[data-panel] canvas").first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Edit", exact: true }).count(), 0);

  await page.goto(short);
  await page.waitForURL(new RegExp(`/d/share-${mark}.*from=\\d+`));

  await page.goto(`${base}/snapshots`);
  await page.getByRole("button", { name: `Remove Taken ${mark}` }).click();
  await page.getByRole("link", { name: `Taken ${mark}` }).waitFor({ state: "detached" });

  await keep("every-panel.json", `every-${mark}`);
  await page.goto(`${base}/playlists`);
  await page.getByRole("button", { name: "New playlist" }).click();
  await page.getByLabel("Name", { exact: true }).fill(`Wall ${mark}`);
  await page.getByLabel("Each for").fill("5s");
  for (const title of ["Modern: every panel and query", "Every kind of panel"]) {
    await page.getByRole("combobox", { name: "Dashboards, in order" }).fill(title);
    await page.getByRole("option", { name: title }).last().click();
  }
  await page.getByRole("button", { name: "Save the playlist" }).click();
  await page.getByRole("button", { name: `Play Wall ${mark}` }).click();
  await page.getByText(`Wall ${mark}: 1 of 2`).waitFor();
  await page.getByText(`Wall ${mark}: 2 of 2`).waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Share", exact: true }).last().waitFor();
});

step("a panel is looked into, saved as CSV and as a picture, and shown alone", async () => {
  await page.goto(`${await keep("modern.json", `export-${mark}`)}?from=now-15m&to=now`);
  const shown = panel("By instance");
  await shown.getByRole("row").nth(1).waitFor();
  for (const [item, ending] of [
    ["Download CSV", ".csv"],
    ["Download PNG", ".png"],
  ]) {
    await shown.hover();
    await shown.getByRole("button", { name: /^Menu/ }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: item }).click();
    const file = await download;
    assert.ok(file.suggestedFilename().endsWith(ending), file.suggestedFilename());
    const bytes = await readFile(await file.path());
    if (ending === ".csv") assert.match(bytes.toString("utf8"), /oriel/);
    else assert.deepEqual([...bytes.subarray(1, 4)], [...Buffer.from("PNG")]);
  }
  await shown.hover();
  await page.keyboard.press("v");
  await page.waitForURL(/viewPanel=/);
  assert.equal(await page.locator("[data-panel]").count(), 1);
  await page.keyboard.press("v");
  await page.locator("[data-panel]").nth(2).waitFor();
  await page.keyboard.press("f");
  await page.waitForURL(/kiosk=/);
  await page.getByRole("link", { name: "Alerts", exact: true }).waitFor({ state: "hidden" });
});

step("an annotation is written on a panel, changed and removed", async () => {
  await page.goto(`${await keep("modern.json", `notes-${mark}`)}?from=now-15m&to=now`);
  const shown = panel("By instance");
  await shown.hover();
  await shown.getByRole("button", { name: /^Menu/ }).click();
  await page.getByRole("menuitem", { name: "Annotations" }).click();
  await dialog().getByLabel("Text", { exact: true }).fill("deployed 1.9");
  await dialog().getByLabel("Tags, with commas between").fill("deploy, shop");
  await dialog().getByRole("button", { name: "Add" }).click();
  await dialog().getByRole("button", { name: "Change deployed 1.9" }).click();
  await dialog().getByLabel("Text", { exact: true }).fill("deployed 1.9.1");
  await dialog().getByRole("button", { name: "Save" }).click();
  await dialog().getByRole("button", { name: "Remove deployed 1.9.1" }).click();
  await dialog().getByText("deployed 1.9.1").waitFor({ state: "detached" });
});

for (const file of ["every-panel.json", "legacy-rows.json", "modern.json"]) {
  step(`each panel of ${file} draws`, async () => {
    const address = await keep(file, `open-${file.replace(".json", "")}-${mark}`);
    const found = await openDashboard(page, `${address}?from=now-15m&to=now&refresh=off`);
    // A text with a handler in it: the browser tells that it did not run.
    expected = ["inline event handler"];
    assert.deepEqual(found.complaints.filter((text) => !text.includes("inline event handler")), []);
    // A vendor's panel, a source that is not spoken and its twin without a title, lists that may be empty, and a panel
    // that looks back further than the server may have run.
    assert.deepEqual(
      found.problems.filter((one) => !["Unknown", "Foreign source", "Panel 16", "Alerts", "Annotations", "Both axes, overrides"].includes(one.title)),
      [],
    );
  });
}

step("built-in dashboards open", async () => {
  const { dashboards } = await (await fetch(`${base}/oriel/api/v1/dashboards`)).json();
  const own = dashboards.filter((one) => one.path?.startsWith("built in"));
  assert.ok(own.length >= 9, `${own.length} are built in`);
  for (const { uid, title } of own) {
    // oxlint-disable-next-line no-await-in-loop
    const { failed, problems, complaints: heard } = await openDashboard(page, `${base}/d/${uid}/open?from=now-15m&to=now&refresh=off`);
    assert.deepEqual({ failed, heard }, { failed: 0, heard: [] }, `${title}: ${JSON.stringify(problems)}`);
  }
});
