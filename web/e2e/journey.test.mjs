// A journey through the pages, against a running server that has data of all three signals, with lines that name their
// trace: `oriel demo` has them within a minute.
import assert from "node:assert/strict";

import { patience } from "./browser.mjs";
import { forgive, open, page, step } from "./step.mjs";

step("the overview lists services, what came in and the server's memory", async () => {
  // A server that has only just started: the page refreshes until a chart's first whole step is over.
  await open("/?from=now-15m&to=now&refresh=5s", "Overview");
  const services = page.getByRole("table", { name: "Services" });
  await services.getByRole("link", { name: "oriel", exact: true }).waitFor();
  await page.getByRole("img", { name: /^Ingest by signal: \d+ series|^Ingest by signal: from/ }).waitFor({ timeout: 3 * patience });
  const memory = page.getByRole("group", { name: "Oriel" });
  await memory.getByText(/\d\s*MiB/).waitFor();
});

step("Oriel's own dashboard shows its memory and its ingest", async () => {
  await open("/d/oriel?from=now-15m&to=now&refresh=5s", "Oriel");
  await page.getByRole("img", { name: /^Rows by protocol: / }).waitFor({ timeout: 2 * patience });
  // The journeys before this one may have sent something that was.
  const refused = page.getByRole("region", { name: "Refused by reason", exact: true }).last();
  await refused.getByText("Nothing has been refused.").or(refused.getByRole("img", { name: /^Refused by reason: / })).waitFor();
  for (const panel of ["Memory", "Goroutines"]) {
    const box = page.getByRole("region", { name: panel, exact: true }).last();
    await box.scrollIntoViewIfNeeded();
    await box.getByRole("img", { name: panel === "Memory" ? /2 series/ : /from \d+ to \d+/ }).waitFor();
  }
});

step("services are listed, and a row opens one with its charts, operations and callers", async () => {
  // Numbers are written every quarter of a minute; a server that has only just started has none yet.
  await open("/services?from=now-15m&to=now&refresh=5s", "Services");
  const row = page.getByRole("table", { name: "Services" }).getByRole("row").filter({ hasText: "storefront" });
  await row.getByText(/\d\s\/s/).waitFor({ timeout: 3 * patience });
  await row.getByText(/\d\s\/s/).click();
  await page.getByRole("heading", { level: 1, name: "storefront" }).waitFor();
  await page.getByRole("img", { name: /^Calls: / }).waitFor({ timeout: 2 * patience });
  await page.getByRole("img", { name: /^Durations: 3 series/ }).waitFor();
  await page.getByRole("table", { name: "Downstream" }).getByRole("link", { name: "catalogue" }).waitFor();
  await page.getByRole("table", { name: "Operations" }).getByRole("link", { name: "GET /", exact: true }).click();
  await page.waitForURL(/\/explore\/traces\?/);
  await page.getByRole("table", { name: "Traces" }).getByRole("row").nth(1).waitFor();
});

step("the parts of a service are a tab away", async () => {
  await open("/services/payment?from=now-15m&to=now", "payment");
  const tab = (name) => page.getByRole("tab", { name }).click();
  await tab("Operations");
  await page.getByRole("table", { name: "Operations" }).getByRole("link", { name: "POST /charge" }).waitFor();
  await tab("Logs");
  await page.getByRole("grid", { name: "Log lines" }).getByRole("row").first().click();
  await page.getByRole("complementary", { name: "The line" }).getByRole("link", { name: /^Trace / }).waitFor();
  await tab("Dependencies");
  await page.getByRole("table", { name: "Called by" }).getByRole("link", { name: "checkout" }).waitFor();
  await tab("Infra");
  await page.getByRole("list", { name: "Its metrics" }).getByRole("link").first().waitFor();
  await tab(/^Alerts/);
  await page.getByRole("heading", { name: "Objectives" }).waitFor();
  await tab("Dashboards");
  await page.getByRole("list", { name: "Dashboards" }).getByRole("link", { name: /^Services: rate/ }).waitFor();
  await tab("Traces");
  await page.getByRole("table", { name: "Traces" }).getByRole("row").nth(1).click();
  await page.waitForURL(/\/trace\//);
});

step("the map says who calls whom, as a picture and as a table, and opens a service", async () => {
  await open("/services/map?from=now-15m&to=now&refresh=5s", "Service map");
  const checkout = page.getByRole("group", { name: /^Map of \d+ nodes/ }).getByRole("link", { name: /^checkout: / });
  await checkout.waitFor({ timeout: 3 * patience });
  await checkout.focus();
  await page.getByText(/called by storefront · calls .*payment/).waitFor();
  await page.getByText("Table", { exact: true }).click();
  await page.getByRole("table", { name: "Calls between services" }).getByRole("row").filter({ hasText: "redis" }).first().waitFor();
  await page.goBack();
  await checkout.click();
  await page.getByRole("heading", { level: 1, name: "checkout" }).waitFor();
  await page.getByRole("group", { name: "p95" }).getByText(/\d\s*m?s/).waitFor();
});

step("a metric chosen from the list is charted, and shown as a table", async () => {
  await open("/explore/metrics?mode=query&from=now-15m&to=now", "Metrics");
  await page.getByLabel("Find a metric").fill("goroutines");
  await page.getByRole("button", { name: "go_goroutines" }).click();
  await page.getByRole("img", { name: /^go_goroutines: (from|\d+ series)/ }).waitFor();
  assert.match(page.url(), /[?&]q=go_goroutines/);
  await page.getByText("Table", { exact: true }).click();
  await page.getByRole("table", { name: "go_goroutines" }).getByText("oriel", { exact: true }).waitFor();
});

step("a typed query runs by keyboard, completes names, and a wrong one says what is wrong", async () => {
  await open("/explore/metrics?mode=query&from=now-15m&to=now", "Metrics");
  const editor = page.getByRole("textbox", { name: "Query A in PromQL" });
  await editor.click();
  await page.keyboard.type("sum(process_resident");
  await page.getByRole("option", { name: /process_resident_memory_bytes/ }).click();
  await page.keyboard.press("Control+Enter");
  await page.getByRole("img", { name: /^sum\(process_resident_memory_bytes\): from/ }).waitFor();
  // The refusal that comes now is no fault of the page.
  forgive(/^400 .*query/, /status of 400/);
  await editor.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("sum(((");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("alert").filter({ hasText: "parse error" }).waitFor();
});

step("dragging on a chart zooms, and Back undoes it", async () => {
  await open("/explore/metrics?q=go_goroutines&from=now-15m&to=now", "Metrics");
  const chart = page.getByRole("img", { name: /^go_goroutines/ });
  await chart.waitFor();
  const box = await chart.boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.5, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, y, { steps: 8 });
  await page.mouse.up();
  await page.waitForURL(/from=\d{13}&to=\d{13}/);
  await page.goBack();
  await page.waitForURL(/from=now-15m&to=now/);
});

step("the time field reads what people type", async () => {
  await open("/data", "Data");
  const field = page.getByRole("textbox", { name: "Time range" });
  await field.fill("45 minutes");
  await field.press("Enter");
  await page.waitForURL(/from=now-45m/);
  await field.fill("whenever");
  await field.press("Enter");
  await page.getByRole("alert").filter({ hasText: "not a time range" }).waitFor();
});

step("a log line leads to its trace", async () => {
  await open(`/explore/logs?${new URLSearchParams({ q: '{service_name=~".+"} | trace_id != ""', from: "now-15m", to: "now" })}`, "Logs");
  // Enter opens the first line's detail, which names its trace.
  await page.getByRole("grid", { name: "Log lines" }).getByRole("row").first().click();
  const link = page.getByRole("link", { name: "Open trace" });
  const id = /\/trace\/([0-9a-f]{32})/.exec(await link.getAttribute("href"))?.[1];
  assert.ok(id, "the link names a trace");
  await link.click();
  await page.waitForURL(new RegExp(`/trace/${id}`));
  await page.getByRole("treegrid").getByRole("row").first().waitFor();
});

step("traces are searched and one is opened", async () => {
  await open("/explore/traces?from=now-15m&to=now", "Traces");
  await page.getByRole("table").getByRole("row").nth(1).getByRole("link").first().click();
  await page.waitForURL(/\/trace\/[0-9a-f]+/);
  await page.getByRole("treegrid").getByRole("row").first().waitFor();
});

step("alerts has its rules or says how to load some, and silences answer", async () => {
  await open("/alerts?tab=rules", "Alerts");
  await page.getByRole("list", { name: /^Rules of / }).or(page.getByText("No rules are loaded")).first().waitFor();
  await page.getByText("Silences", { exact: true }).click();
  await page.getByRole("list", { name: "Silences" }).or(page.getByText("Nothing is silenced")).first().waitFor();
});

step("data says what was accepted and what is stored", async () => {
  await open("/data", "Data");
  await page.getByRole("heading", { name: "What comes in" }).waitFor();
  await open("/data?tab=storage", "Data");
  await page.getByRole("table", { name: "Signals" }).waitFor();
});

step("keys go from page to page and keep the range", async () => {
  await open("/?from=now-3h&to=now", "Overview");
  for (const [key, heading] of [
    ["s", "Services"],
    ["n", "Service map"],
    ["m", "Metrics"],
    ["l", "Logs"],
    ["t", "Traces"],
    ["a", "Alerts"],
    ["o", "Overview"],
  ]) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    assert.match(page.url(), /from=now-3h/);
    // A page may focus its query; the next key must not be text.
    await page.evaluate(() => document.activeElement?.blur());
  }
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
});

step("the dark theme is kept over a reload", async () => {
  await open("/data", "Data");
  const scheme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
  assert.equal(await scheme(), "light");
  await page.getByRole("button", { name: "Switch to dark" }).click();
  assert.equal(await scheme(), "dark");
  await page.reload();
  await page.getByRole("button", { name: "Switch to light" }).waitFor();
  assert.equal(await scheme(), "dark");
});
