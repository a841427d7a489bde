// How fast the page is, against the budgets of its design: `make bench-page`. It prints a table, and fails nothing: on a busy
// machine the figures say little. Data that no small server has (very many series, names, nodes, lines) is put in at the
// answer, so what is measured is the page alone; the rest is a real server with a real answer.
import { launch } from "./browser.mjs";
import { serve, until } from "./server.mjs";

const [binary] = process.argv.slice(2);
if (!binary) throw new Error("usage: speed.mjs BINARY");

const rounds = 5;
const server = await serve(binary, "demo", {}, ["--rate", "20"]);
const browser = await launch();
const rows = [];
try {
  await until(async () => (await services(server.base)).length >= 8, 60_000);
  await opening();
  await charts();
  await names();
  await map();
  await trace();
  await lines();
} finally {
  await browser.close();
  await server.stop();
}
process.stdout.write(`| what | budget | measured |\n|---|---|---|\n${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}\n`);

async function services(base) {
  return (await (await fetch(`${base}/jaeger/api/services`)).json()).data ?? [];
}

/** Opens each page with an empty cache until it shows data. */
async function opening() {
  for (const [name, path, see] of [
    ["Overview", "/?from=now-15m&to=now", (page) => page.getByRole("table", { name: "Services" }).getByRole("row").nth(1)],
    ["Services", "/services?from=now-15m&to=now", (page) => page.getByRole("table", { name: "Services" }).getByRole("row").nth(1)],
    ["Metrics", "/explore/metrics?q=go_goroutines&from=now-15m&to=now", (page) => page.getByRole("img", { name: /^go_goroutines/ })],
    ["Logs", "/explore/logs?from=now-15m&to=now", (page) => page.getByRole("row").first()],
    ["Traces", "/explore/traces?from=now-15m&to=now", (page) => page.getByRole("table").getByRole("row").nth(1)],
    ["Alerts", "/alerts?tab=rules", (page) => page.getByRole("list", { name: "Rules of shop" })],
  ]) {
    const paints = [];
    const readies = [];
    for (let round = 0; round < rounds; round++) {
      // oxlint-disable-next-line no-await-in-loop
      await fresh(async (page) => {
        await page.goto(server.base + path);
        await see(page).waitFor();
        readies.push(await page.evaluate(() => performance.now()));
        paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN));
      });
    }
    rows.push([`${name}: first contentful paint`, "1.0 s", seconds(paints)], [`${name}: its data is shown`, "2.0 s", seconds(readies)]);
  }
}

/** Draws series that the server's answer is replaced with, from the answer to the picture. */
async function charts() {
  for (const [series, points, budget] of [
    [100, 1000, "250 ms"],
    [1, 100_000, "250 ms"],
    [20, 5000, "400 ms"],
    [250, 2000, "1.5 s"],
  ]) {
    const drawn = [];
    const hovers = [];
    for (let round = 0; round < rounds; round++) {
      // oxlint-disable-next-line no-await-in-loop
      await fresh(async (page) => {
        const body = matrix(series, points);
        await page.route(/\/api\/v1\/query_range/, (route) => route.fulfill({ contentType: "application/json", body }));
        await page.goto(`${server.base}/explore/metrics?q=speed&from=now-1h&to=now`);
        await page.getByRole("img", { name: /^speed/ }).locator("canvas").waitFor();
        drawn.push(await page.evaluate(() => twoFrames().then((now) => now - performance.getEntriesByType("resource").find(({ name }) => name.includes("query_range")).responseEnd)));
        if (series === 100) hovers.push(await hovering(page));
      });
    }
    rows.push([`${series} × ${points.toLocaleString("en")} points, from the answer to the picture${series > 100 ? " (the 100 largest series)" : ""}`, budget, seconds(drawn)]);
    if (hovers.length > 0) rows.push(["a step of the pointer over 100 series, time of the main thread", "16 ms", seconds(hovers)]);
  }
}

/** Milliseconds of the main thread that one move of the pointer costs. */
async function hovering(page) {
  const box = await page.locator(".u-over").first().boundingBox();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const busy = async () => (await session.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value * 1000;
  await page.mouse.move(box.x + 10, box.y + box.height / 2);
  const before = await busy();
  const moves = 100;
  await page.mouse.move(box.x + box.width - 10, box.y + box.height / 2, { steps: moves });
  return ((await busy()) - before) / moves;
}

function matrix(series, points) {
  const end = Math.floor(Date.now() / 1000);
  const step = 3600 / points;
  const result = Array.from({ length: series }, (_, i) => ({
    metric: { __name__: "speed", instance: `node-${i}` },
    values: Array.from({ length: points }, (__, n) => [end - 3600 + n * step, String(Math.round(1000 * (i + Math.sin((n + i * 7) / 30))) / 1000)]),
  }));
  return JSON.stringify({ status: "success", data: { resultType: "matrix", result } });
}

/** Types into the editor of a server with very many metrics, until the list of completions is there. */
async function names() {
  const all = Array.from({ length: 100_000 }, (_, i) => `metric_${i % 317}_of_part_${i}_total`);
  const found = [];
  for (let round = 0; round < rounds; round++) {
    // oxlint-disable-next-line no-await-in-loop
    await fresh(async (page) => {
      await page.route(/\/api\/v1\/label\/__name__\/values/, (route) => route.fulfill({ json: { status: "success", data: all } }));
      await page.goto(`${server.base}/explore/metrics?mode=query&from=now-1h&to=now`);
      const editor = page.getByRole("textbox", { name: "Query A in PromQL" });
      await editor.click();
      await page.keyboard.type("sum(metric_31");
      await page.getByRole("option").first().waitFor();
      const typed = await page.evaluate(() => performance.now());
      await page.keyboard.press("6");
      await page.getByRole("option", { name: /metric_316_/ }).first().waitFor();
      found.push((await page.evaluate(() => performance.now())) - typed);
    });
  }
  rows.push(["a key typed to its completions among 100,000 names, the test's own round trips included", "100 ms", seconds(found)]);
}

async function map() {
  const calls = { calls: 100, errors: 1, rate: 1, errorRatio: 0.01, p50: 0.01, p95: 0.02, p99: 0.03, apdex: 1, mean: 0.01 };
  const name = (i) => `service-${i}`;
  const nodes = Array.from({ length: 200 }, (_, i) => ({ name: name(i), type: "service" }));
  const edges = nodes.slice(1).map((node, i) => ({ ...calls, client: name(Math.floor(i / 3)), server: node.name, type: "service" }));
  const drawn = [];
  for (let round = 0; round < rounds; round++) {
    // oxlint-disable-next-line no-await-in-loop
    await fresh(async (page) => {
      await page.route(/\/services\/map/, (route) => (route.request().resourceType() === "document" ? route.fallback() : route.fulfill({ json: { nodes, edges } })));
      await page.goto(`${server.base}/services/map?from=now-1h&to=now`);
      await page.getByRole("group", { name: /^Map of/ }).waitFor();
      drawn.push(await page.evaluate(() => twoFrames().then((now) => now - performance.getEntriesByType("resource").find((one) => one.name.includes("/services/map?")).responseEnd)));
    });
  }
  rows.push(["a map of 200 services, from the answer to the picture", "600 ms", seconds(drawn)]);
}

/** A trace of very many spans, which the server really has. */
async function trace() {
  const id = "5beed000000000000000000000000001";
  const count = 10_000;
  const start = BigInt(Date.now() - 60_000) * 1_000_000n;
  const spanId = (i) => (i + 1).toString(16).padStart(16, "0");
  const spans = Array.from({ length: count }, (_, i) => {
    const from = start + BigInt(i) * 1_000_000n;
    return { traceId: id, spanId: spanId(i), ...(i === 0 ? {} : { parentSpanId: spanId(Math.floor((i - 1) / 4)) }), name: `step ${i % 97}`, kind: 1, startTimeUnixNano: String(from), endTimeUnixNano: String(from + 20_000_000_000n - BigInt(i) * 1_000_000n) };
  });
  for (let i = 0; i < count; i += 1000) {
    const body = { resourceSpans: [{ resource: { attributes: [{ key: "service.name", value: { stringValue: `part-${i / 1000}` } }] }, scopeSpans: [{ spans: spans.slice(i, i + 1000) }] }] };
    // oxlint-disable-next-line no-await-in-loop
    const answer = await fetch(`${server.base}/otlp/v1/traces`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    // oxlint-disable-next-line no-await-in-loop
    if (!answer.ok) throw new Error(`otlp: ${answer.status} ${await answer.text()}`);
  }
  await until(async () => (await fetch(`${server.base}/tempo/api/traces/${id}`)).ok, 30_000);
  const opened = [];
  const frames = [];
  for (let round = 0; round < rounds; round++) {
    // oxlint-disable-next-line no-await-in-loop
    await fresh(async (page) => {
      await page.goto(`${server.base}/trace/${id}`);
      await page.getByRole("treegrid").getByRole("row").nth(2).waitFor();
      opened.push(await page.evaluate(() => performance.now()));
      frames.push(...(await scrolling(page, "[role=treegrid]")));
    });
  }
  rows.push(["a trace of 10,000 spans, opened", "1.5 s", seconds(opened)], ["its frames while it is scrolled, p50, p95", "33 ms, 80 ms", percentiles(frames)]);
}

/** A long list of lines, a page of a thousand after the other. */
async function lines() {
  const now = Date.now();
  const total = 100_000;
  for (let i = 0; i < total; i += 20_000) {
    const values = Array.from({ length: 20_000 }, (_, n) => [`${BigInt(now - 600_000) * 1_000_000n + BigInt(i + n) * 5_000_000n}`, JSON.stringify({ msg: `line ${i + n}`, took: n % 977, path: `/api/v1/things/${n % 50}` })]);
    // oxlint-disable-next-line no-await-in-loop
    const answer = await fetch(`${server.base}/loki/api/v1/push`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ streams: [{ stream: { service_name: "speed" }, values }] }) });
    // oxlint-disable-next-line no-await-in-loop
    if (!answer.ok) throw new Error(`push: ${answer.status} ${await answer.text()}`);
  }
  await fresh(async (page) => {
    await page.goto(`${server.base}/explore/logs?${new URLSearchParams({ q: '{service_name="speed"}', from: "now-30m", to: "now" })}`);
    const list = page.getByRole("grid", { name: "Log lines" });
    await list.getByRole("row").first().waitFor();
    const reached = () => list.getAttribute("aria-rowcount").then(Number);
    await until(async () => {
      await list.evaluate((box) => box.scrollTo(0, box.scrollHeight));
      return (await reached()) >= total;
    }, 180_000);
    rows.push(["rows of a list of lines that are in the document", "80", `${await list.getByRole("row").count()} of ${(await reached()).toLocaleString("en")}`]);
    await list.evaluate((box) => box.scrollTo(0, box.scrollHeight / 2));
    rows.push(["its frames while it is scrolled, p50, p95", "33 ms, 80 ms", percentiles(await scrolling(page, "[role=grid]"))]);
  });
}

/** Lengths of the frames of a page while something in it scrolls, in milliseconds. */
function scrolling(page, selector) {
  return page.evaluate(
    (wanted) =>
      new Promise((done) => {
        const box = document.querySelector(wanted);
        const lengths = [];
        let before = performance.now();
        const frame = (now) => {
          lengths.push(now - before);
          before = now;
          box.scrollTop += 300;
          if (lengths.length < 120) requestAnimationFrame(frame);
          else done(lengths.slice(1));
        };
        requestAnimationFrame(frame);
      }),
    selector,
  );
}

async function fresh(run) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.addInitScript(() => {
    globalThis.twoFrames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  });
  await run(page);
  await context.close();
}

function at(values, part) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)];
}

/** The median, in a unit that reads well, and the worst. */
function seconds(values) {
  return `${spell(at(values, 0.5))} (worst ${spell(at(values, 1))})`;
}

function percentiles(values) {
  return `${spell(at(values, 0.5))}, ${spell(at(values, 0.95))}`;
}

function spell(ms) {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
