import { writeFileSync } from "node:fs";

import { writeSeries } from "../sweep/write.mjs";
import { largeDashboard, largeSeries } from "./dashboard.mjs";
import { quantile, scrollThrough, watchPage } from "./measure.mjs";

const stepMs = 15_000;
const pastMs = 3.2 * 3_600_000;

/** Sends a server the dashboard and what it shows; gives the address to open. */
export async function fill(base) {
  const start = Math.floor((Date.now() - pastMs) / stepMs) * stepMs;
  const times = Array.from({ length: Math.floor(pastMs / stepMs) }, (_, i) => start + i * stepMs);
  await writeSeries(base, largeSeries(start), times);
  const kept = await fetch(`${base}/oriel/api/v1/dashboards`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ dashboard: largeDashboard(), overwrite: true }) });
  if (!kept.ok) throw new Error(await kept.text());
  return `${base}/d/large?from=now-3h&to=now&refresh=off`;
}

/** One visit with an empty cache: opens the dashboard, and scrolls through all of it. */
export async function visit(browser, address, profileTo) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const failures = [];
  page.on("pageerror", (error) => failures.push(error.message));
  await page.addInitScript(watchPage);
  const session = await context.newCDPSession(page);
  // Time on the processor, which other work on the machine does not stretch.
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    const of = (name) => (metrics.find((one) => one.name === name)?.value ?? 0) * 1000;
    return { all: of("TaskDuration"), script: of("ScriptDuration"), layout: of("LayoutDuration") + of("RecalcStyleDuration") };
  };
  if (profileTo) {
    await session.send("Profiler.enable");
    await session.send("Profiler.start");
  }
  await page.goto(address);
  await page.waitForFunction(() => globalThis.seen.drawnAt !== undefined, undefined, { timeout: 30_000 });
  const opened = await busy();
  const first = await page.evaluate(() => ({ ...globalThis.seen, longTasks: globalThis.seen.longTasks.length }));
  // What is near goes on being asked for.
  await page.waitForFunction(() => globalThis.seen.inFlight === 0, undefined, { polling: 200 });
  const still = await busy();
  const before = await page.evaluate(() => globalThis.seen.longTasks.length);
  const frames = await page.evaluate(scrollThrough, 60);
  const bottom = await page.evaluate(() => {
    const from = performance.now();
    return new Promise((done) => {
      const look = () => (globalThis.waiting() ? requestAnimationFrame(look) : done(performance.now() - from));
      look();
    });
  });
  const scrolled = await busy();
  const last = await page.evaluate(() => ({ mostInFlight: globalThis.seen.mostInFlight, longTasks: globalThis.seen.longTasks }));
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  if (profileTo) {
    const { profile: made } = await session.send("Profiler.stop");
    writeFileSync(profileTo, JSON.stringify(made));
  }
  await context.close();
  if (failures.length > 0) throw new Error(failures.join("; "));
  return {
    firstMs: Math.round(first.drawnAt),
    firstCPU: Math.round(opened.all),
    frames: frames.length,
    lengths: frames,
    scrollCPU: Math.round(scrolled.all - still.all),
    scrollScript: Math.round(scrolled.script - still.script),
    scrollLayout: Math.round(scrolled.layout - still.layout),
    requests: first.requests,
    mostInFlight: last.mostInFlight,
    p50: Math.round(quantile(frames, 0.5)),
    p95: Math.round(quantile(frames, 0.95)),
    longest: Math.round(Math.max(...frames)),
    longTasks: last.longTasks.length - before,
    longestTask: Math.max(0, ...last.longTasks.slice(before).map(([, ms]) => ms)),
    bottomMs: Math.round(bottom),
    heapMB: Math.round(usedSize / 1e6),
  };
}
