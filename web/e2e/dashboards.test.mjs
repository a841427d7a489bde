// What people do with dashboards: make one, keep it, go back to an older version, take others in, share them. As
// journey.test.mjs, it wants ORIEL_URL with data of all three signals.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { violations } from "./browser.mjs";
import { base, dialog, forgive, newPage, page, step } from "./step.mjs";
import { openDashboard } from "./sweep/open.mjs";

const fixtures = new URL("../testdata/dashboards/", import.meta.url);
// A server may keep what an earlier run has left.
const mark = Date.now().toString(36);

/** No violation of WCAG 2.2 AA that axe can see. */
async function checkAccess(what) {
  assert.deepEqual(await violations(page, what), []);
}

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

/** Chooses the data source of the first query. */
async function from(source) {
  await page.getByRole("combobox", { name: "Data source of A" }).click();
  await page.getByRole("option", { name: source, exact: true }).click();
}

async function type(query) {
  await page.locator('.cm-content[aria-label="Query A"]').click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(query);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Enter");
}

const builder = () => page.getByRole("region", { name: "Query A" }).getByRole("group", { name: "Builder" });
const queryIs = (text) => page.waitForFunction((wanted) => document.querySelector('.cm-content[aria-label="Query A"]').textContent === wanted, text);

/** Adds a condition on a label whose value is chosen from those on offer. */
async function condition(label, value) {
  await builder().getByRole("combobox", { name: "Add a condition" }).click();
  await page.getByRole("option", { name: label, exact: true }).click();
  await builder().getByRole("textbox", { name: `Value of ${label}` }).or(builder().getByRole("combobox", { name: `Value of ${label}` })).click();
  await page.getByRole("option", { name: value, exact: true }).click();
}

async function build(menu, item) {
  await builder().getByRole("button", { name: menu, exact: true }).click();
  await page.getByRole("menuitem", { name: item }).click();
  await page.getByRole("menu").waitFor({ state: "detached" });
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

  // Metrics, by choosing; what is typed is taken apart again.
  await addPanel("Panel from a query");
  await builder().getByLabel("Metric", { exact: true }).fill("up");
  await builder().getByLabel("Metric", { exact: true }).press("Enter");
  await condition("job", "oriel");
  await build("Operation", /Sum/);
  await builder().getByLabel("Labels to group by", { exact: true }).fill("job");
  await page.keyboard.press("Enter");
  await queryIs('sum by (job) (up{job="oriel"})');
  await type("max by (job) (up)");
  await builder().getByRole("combobox", { name: "Aggregation" }).and(page.locator('[value="max"]')).waitFor();
  await builder().getByRole("button", { name: /^Remove the condition/ }).waitFor({ state: "detached" });
  await page.locator("[data-panel] canvas").first().waitFor();
  await nameIt("Targets");
  await checkAccess("panel editor");
  await finish();

  await addPanel("Logs");
  await nameIt("Lines");
  await from("Loki");
  await condition("service_name", "storefront");
  await queryIs('{service_name="storefront"}');
  await build("Stage", /Lines with a text/);
  await queryIs('{service_name="storefront"} |= ""');
  await checkAccess("the builder of LogQL");
  await finish();

  await addPanel("Table");
  await nameIt("Slow traces");
  await from("Tempo");
  await builder().getByLabel("Minimum duration", { exact: true }).fill("1ms");
  await page.keyboard.press("Enter");
  await queryIs("{ duration >= 1ms }");
  await finish();
  await panel("Slow traces").getByRole("row").nth(1).waitFor();
  await panel("Lines").getByRole("row").or(panel("Lines").getByRole("listitem")).or(panel("Lines").locator("[data-index]")).first().waitFor();

  await page.getByRole("button", { name: "Variables" }).click();
  await dialog().getByRole("button", { name: "Add a variable" }).click();
  await dialog().getByLabel("Name", { exact: true }).fill("job");
  await dialog().getByLabel("Label", { exact: true }).last().fill("job");
  await dialog().getByLabel("Of the metric or selector", { exact: true }).fill("up");
  await page.keyboard.press("Tab");
  await dialog().getByRole("group", { name: "Values" }).getByText("oriel", { exact: true }).waitFor();
  await checkAccess("the dialog of variables");
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
  await page.waitForFunction(([label, x]) => document.querySelector(`[aria-label^="${label}"]`).getBoundingClientRect().x > x, ["Targets: arrow", stood.x]);
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
  forgive(/412/);
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

step("a panel's query becomes an alert rule, and a row moves with its panels", async () => {
  await page.goto(`${await keep("modern.json", `rule-${mark}`)}?from=now-15m&to=now&edit=1`);
  const shown = panel("By instance");
  await shown.getByRole("row").nth(1).waitFor();
  const [first, second] = await page.getByRole("heading", { level: 2 }).allInnerTexts();
  await page.getByRole("button", { name: `Move ${second} up` }).click();
  await page.waitForFunction((title) => document.querySelector("h2").innerText === title, second);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.waitForFunction((title) => document.querySelector("h2").innerText === title, first);
  await page.getByRole("button", { name: "Done", exact: true }).click();

  await shown.hover();
  await shown.getByRole("button", { name: /^Menu/ }).click();
  await page.getByRole("menuitem", { name: "Create alert rule" }).click();
  await dialog().getByText("New alerting rule").waitFor();
  assert.equal(await dialog().getByLabel("Name", { exact: true }).inputValue(), "ByInstance");
  assert.notEqual((await page.locator('.cm-content[aria-label="Expression"]').innerText()).trim(), "");
});

step("a panel is kept in the library, shown by another dashboard, and changed in both", async () => {
  const [one, other] = [await keep("modern.json", `library-${mark}`), await keep("modern.json", `shows-${mark}`)];
  const name = `Library ${mark}`;
  const chooses = async (title, item) => {
    const menu = panel(title).getByRole("button", { name: /^Menu/ });
    await panel(title).hover();
    await menu.click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  await page.goto(`${one}?from=now-15m&to=now&edit=1`);
  await panel("By instance").getByRole("row").nth(1).waitFor();
  await chooses("By instance", /^Keep in the library/);
  await dialog().getByLabel("Name of the library panel").fill(name);
  await checkAccess("what is kept in the library");
  await dialog().getByRole("button", { name: "Keep it" }).click();
  await dialog().waitFor({ state: "detached" });
  await save("From the library");

  await page.goto(`${other}?from=now-15m&to=now&edit=1`);
  await page.getByRole("button", { name: "Add ▾" }).click();
  await page.getByRole("menuitem", { name: /library/ }).click();
  await dialog().getByRole("button", { name: new RegExp(name) }).first().click();
  await page.getByRole("region", { name: "By instance", exact: true }).nth(1).waitFor();
  await save("It too");

  const elements = `${base}/api/library-elements`;
  const { result: [kept] } = await (await fetch(`${elements}/name/${encodeURIComponent(name)}`)).json();
  assert.equal(kept.meta.connectedDashboards, 2);
  const answer = await fetch(`${elements}/${kept.uid}`, { method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ kind: 1, version: kept.version, model: { ...kept.model, title: "Changed in the library" } }) });
  assert.equal(answer.status, 200, await answer.text());
  for (const board of [one, other]) {
    // oxlint-disable-next-line no-await-in-loop
    await page.goto(`${board}?from=now-15m&to=now`);
    // oxlint-disable-next-line no-await-in-loop
    await panel("Changed in the library").waitFor();
  }
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
    forgive(/inline event handler/, /security policy: script-src-attr/);
    assert.deepEqual(found.complaints.filter((text) => !/inline event handler|script-src-attr/.test(text)), []);
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
