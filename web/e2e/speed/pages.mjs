import { repeated } from "./kit.mjs";

const places = [
  ["Overview", "/?from=now-15m&to=now", (page) => page.getByRole("table", { name: "Services" }).getByRole("row").nth(1)],
  ["Services", "/services?from=now-15m&to=now", (page) => page.getByRole("table", { name: "Services" }).getByRole("row").nth(1)],
  ["Metrics", "/explore/metrics?q=go_goroutines&from=now-15m&to=now", (page) => page.getByRole("img", { name: /^go_goroutines/ })],
  ["Logs", "/explore/logs?from=now-15m&to=now", (page) => page.getByRole("grid", { name: "Log lines" }).getByRole("row").first()],
  ["Traces", "/explore/traces?from=now-15m&to=now", (page) => page.getByRole("table").getByRole("row").nth(1)],
  ["Alerts", "/alerts?tab=rules", (page) => page.getByRole("list", { name: "Rules of shop" })],
];

/** Opens each page with an empty cache until it shows data. */
export async function opening({ browser, base, table }) {
  for (const [name, path, see] of places) {
    const paints = [];
    const readies = [];
    // oxlint-disable-next-line no-await-in-loop
    const busy = await repeated(browser, async (page) => {
      await page.goto(base + path);
      await see(page).waitFor();
      readies.push(await page.evaluate(() => performance.now()));
      paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN));
    });
    table.time(`${name}: first contentful paint`, 1000, paints);
    table.time(`${name}: its data are shown`, 2000, readies, busy);
  }
}

/** Types into the editor of a server with very many metrics. */
export async function typing({ browser, base, table }) {
  const all = Array.from({ length: 100_000 }, (_, i) => `metric_${i % 317}_of_part_${i}_total`);
  const painted = [];
  const found = [];
  const busy = await repeated(browser, async (page) => {
    await page.route(/\/api\/v1\/label\/__name__\/values/, (route) => route.fulfill({ json: { status: "success", data: all } }));
    await page.goto(`${base}/explore/metrics?mode=query&from=now-1h&to=now`);
    await page.getByRole("textbox", { name: "Query A in PromQL" }).click();
    await page.keyboard.type("sum(metric_31");
    await page.getByRole("option").first().waitFor();
    // What the browser itself says of a key: from the press to the next frame with what it did.
    await page.evaluate(() => {
      globalThis.keys = [];
      new PerformanceObserver((list) => list.getEntries().forEach((one) => one.name === "keydown" && globalThis.keys.push(one.duration))).observe({ type: "event", durationThreshold: 16 });
    });
    for (const key of "6_of_part_") {
      // oxlint-disable-next-line no-await-in-loop
      const began = await page.evaluate(() => performance.now());
      // oxlint-disable-next-line no-await-in-loop
      await page.keyboard.press(key);
      // oxlint-disable-next-line no-await-in-loop
      painted.push((await page.evaluate(() => globalThis.twoFrames())) - began);
    }
    await page.getByRole("option", { name: /metric_316_of_part_/ }).first().waitFor();
    const slow = await page.evaluate(() => globalThis.keys);
    // A key that took less than one frame is not told of.
    found.push(...Array.from({ length: 10 }, (_, i) => slow[i] ?? 16));
  });
  table.time("a key typed to its frame, 100,000 metric names", 50, found, busy);
  table.time("the same until two frames later, with the round trips of the test", 100, painted);
}
