// Opens every dashboard below a folder in Chromium, over a server of its own with series and lines made from what the
// dashboards ask, and writes down how many panels draw: `make dashboards DIR=…`.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { chromium } from "playwright-core";

import { streamsOf } from "./lines.mjs";
import { openDashboard } from "./open.mjs";
import { dashboardsBelow, queriesOf } from "./queries.mjs";
import { SeriesMaker } from "./series.mjs";
import { report } from "./report.mjs";
import { writeLines, writeSeries } from "./write.mjs";

const [binary, dir, out, only = ""] = process.argv.slice(2);
if (!binary || !dir || !out) throw new Error("usage: main.mjs BINARY FOLDER REPORT [WORD]");

const stepMs = 15_000;
const pastMs = 20 * 60_000;

const boards = dashboardsBelow(resolve(dir));
const maker = new SeriesMaker();
const logs = [];
for (const { json } of boards) {
  for (const { language, expr, labels } of queriesOf(json)) {
    if (language === "logql") logs.push(expr);
    else maker.add(expr, labels);
  }
}
const start = Math.floor((Date.now() - pastMs) / stepMs) * stepMs;
const series = maker.series(start);
say(`${boards.length} dashboards, ${maker.metrics.size} metrics, ${series.length} series, ${maker.unread.length} queries not read`);

const server = await serve();
try {
  await writeSeries(server.base, series, timesBetween(start, Date.now()));
  await writeLines(server.base, streamsOf(logs), Date.now());
  let last = Math.floor(Date.now() / stepMs) * stepMs;
  const more = setInterval(() => {
    const times = timesBetween(last + stepMs, Date.now());
    last = times.at(-1) ?? last;
    if (times.length > 0) writeSeries(server.base, series, times).catch((error) => say(error.message));
  }, stepMs);
  const results = await openAll(server.base);
  clearInterval(more);
  if (only === "") writeFileSync(out, report(results));
  const failed = results.reduce((sum, one) => sum + one.failed + one.complaints.length, 0);
  say(`drawn ${total(results, "drawn")}, no data ${total(results, "empty")}, failed ${total(results, "failed")}`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await server.stop();
}

async function openAll(base) {
  const listed = (await (await fetch(`${base}/oriel/api/v1/dashboards`)).json()).dashboards.filter((one) => one.path?.startsWith(resolve(dir)) && one.path.includes(only));
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium", args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  const page = await browser.newPage({ viewport: { width: 1600, height: 2000 } });
  const results = [];
  for (const { uid, title, path } of listed) {
    const file = path.slice(resolve(dir).length + 1);
    // One page after the other: they share the machine.
    // oxlint-disable-next-line no-await-in-loop
    const found = await openDashboard(page, `${base}/d/${encodeURIComponent(uid)}/sweep?from=now-15m&to=now&refresh=off`).catch((error) => ({ drawn: 0, empty: 0, failed: 1, problems: [{ state: "failed", title: "", text: error.message }], complaints: [] }));
    results.push({ file, title, ...found });
    say(`${file}: ${found.drawn} drawn, ${found.empty} no data, ${found.failed} failed`);
    for (const { state, title: panel, text } of found.problems) say(`    ${state}: ${panel}: ${text}`);
    for (const text of found.complaints) say(`    complaint: ${text}`);
  }
  await browser.close();
  return results;
}

/** Starts the binary on free ports, with the folder as its dashboards. */
async function serve() {
  const scratch = mkdtempSync(join(tmpdir(), "oriel-dashboards-"));
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const config = join(scratch, "oriel.yaml");
  writeFileSync(config, JSON.stringify({ dashboards: { folders: [resolve(dir)] } }));
  const [page, grpc, http] = ports.map((port) => `127.0.0.1:${port}`);
  const child = spawn(resolve(binary), ["serve", "--config", config, "--data-dir", join(scratch, "data"), "--listen", page, "--otlp-grpc-listen", grpc, "--otlp-http-listen", http, "--log-level", "warn"], { stdio: ["ignore", "inherit", "inherit"] });
  const ended = new Promise((done) => {
    child.once("exit", done);
  });
  const base = `http://${page}`;
  for (let tries = 0; tries < 100; tries++) {
    // oxlint-disable-next-line no-await-in-loop
    const up = await fetch(`${base}/-/ready`).then(({ ok }) => ok, () => false);
    if (up) break;
    // oxlint-disable-next-line no-await-in-loop
    await new Promise((done) => {
      setTimeout(done, 200);
    });
  }
  return {
    base,
    stop: async () => {
      child.kill();
      await ended;
      rmSync(scratch, { recursive: true });
    },
  };
}

function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

function timesBetween(from, to) {
  return Array.from({ length: Math.max(0, Math.floor((to - from) / stepMs) + 1) }, (_, i) => from + i * stepMs);
}

function total(results, member) {
  return results.reduce((sum, one) => sum + one[member], 0);
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
