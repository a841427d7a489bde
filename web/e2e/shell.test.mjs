// Journeys through what surrounds the pages: palette, links of other tools, sharing, settings, and the first run. They need
// what journey.test.mjs needs; ORIEL_EMPTY_URL is a server that has received nothing yet.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";

import { base, heading, page, step } from "./step.mjs";

const empty = process.env.ORIEL_EMPTY_URL?.replace(/\/$/, "");
const palette = () => page.getByRole("combobox", { name: "Go to, or do" });

step("the palette finds a service by its name and opens it with the range", async () => {
  await page.goto(`${base}/?from=now-15m&to=now`);
  await heading("Overview").waitFor();
  await page.keyboard.press("Control+k");
  await palette().fill("@paym");
  await page.getByRole("option", { name: "payment", exact: true }).waitFor();
  await page.keyboard.press("Enter");
  await heading("payment").waitFor();
  assert.match(page.url(), /from=now-15m/);
});

step("the palette opens a pasted link of another tool", async () => {
  await page.goto(`${base}/data`);
  await heading("Data").waitFor();
  await page.keyboard.press("Control+k");
  await palette().fill("http://prometheus:9090/graph?g0.expr=up&g0.range_input=30m");
  await page.keyboard.press("Enter");
  await heading("Metrics").waitFor();
  await page.waitForURL(/from=now-30m.*q=up|q=up.*from=now-30m/);
});

for (const [name, link, want] of [
  ["Prometheus' generatorURL", "/graph?g0.expr=up&g0.tab=1", /\/explore\/metrics\?q=up/],
  ["Prometheus 3", "/query?g0.expr=up&g0.tab=graph", /\/explore\/metrics\?q=up/],
  ["Alertmanager", "/#/alerts?filter=%7Balertname%3D%22HighErrorRatio%22%7D", /\/alerts\?filter=%7Balertname%3D%22HighErrorRatio%22%7D/],
  ["Jaeger", "/search?service=checkout&lookback=1h", /\/explore\/traces\?q=.*checkout.*&from=now-1h/],
  ["Grafana", `/explore?left=${encodeURIComponent(JSON.stringify(["now-1h", "now", "Loki", { expr: '{service_name="payment"}' }]))}`, /\/explore\/logs\?.*q=.*payment/],
]) {
  step(`a link of ${name} lands on the right page`, async () => {
    await page.goto(base + link);
    await page.getByRole("heading", { level: 1 }).waitFor();
    assert.match(page.url(), want);
  });
}

step("a short link leads back to what was shared", async () => {
  await page.goto(`${base}/explore/logs?${new URLSearchParams({ q: '{service_name="payment"}', from: "now-5m", to: "now" })}`);
  await heading("Logs").waitFor();
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByRole("menuitem", { name: "Copy short link" }).click();
  await page.getByText("Short link copied").waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /\/share\/[\w-]{12}$/);
  await page.goto(link);
  await heading("Logs").waitFor();
  await page.waitForURL(/q=.*payment.*from=\d{13}|from=\d{13}.*payment/);
});

step("two days are chosen from the calendar, and Back takes that back", async () => {
  await page.goto(`${base}/data?from=now-15m&to=now`);
  await page.getByRole("textbox", { name: "Time range" }).click();
  const days = page.locator("button[aria-label$=', start']:enabled");
  await days.first().click();
  await page.locator("button[aria-label$=', end']:enabled").nth(1).click();
  await page.waitForURL(/from=\d{13}/);
  const url = new URL(page.url());
  assert.equal((Number(url.searchParams.get("to")) - Number(url.searchParams.get("from"))) / 3_600_000 / 24, 2);
  await page.goBack();
  await page.waitForURL(/from=now-15m/);
});

step("settings keep the theme, and the list of licences is there", async () => {
  await page.goto(`${base}/settings/appearance`);
  await page.getByText("High contrast").click();
  await page.reload();
  await page.waitForFunction(() => document.documentElement.dataset.contrast === "more");
  await page.getByRole("tab", { name: "About" }).click();
  await page.getByRole("table", { name: "Packages" }).getByText("@codemirror/autocomplete", { exact: true }).waitFor();
});

step("a phone shows overview and alerts without scrolling sideways", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ["/", "/alerts", "/settings/profile", "/welcome"]) {
    await page.goto(base + path, { waitUntil: "networkidle" });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(overflow, 0, `${path} is wider than the phone`);
  }
});

step("on the first run the snippet of curl makes its tile green", async () => {
  assert.ok(empty, "ORIEL_EMPTY_URL names a server that has received nothing yet");
  await page.goto(`${empty}/`);
  await page.getByText("Nothing has arrived yet").waitFor();
  const snippet = await page.getByRole("figure", { name: "shell" }).locator("pre").textContent();
  assert.ok(snippet.includes(`${empty}/otlp/v1/metrics`));
  await page.getByText("Waiting for the first rows").waitFor();
  execFileSync("sh", ["-ec", snippet], { stdio: "pipe" });
  await page.getByText(/Received .*1 rows of/).waitFor();
  for (const signal of ["metrics", "lines", "traces"]) await page.getByRole("link", { name: `See the ${signal}` }).waitFor();
  await page.getByRole("link", { name: "See the lines" }).click();
  await page.getByText("hello, Oriel").first().waitFor();
});
