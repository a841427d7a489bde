// Opens every dashboard below a folder in Chromium, over a server of its own with series and lines made from what the
// dashboards ask, and writes down how many panels draw: `make dashboards DIR=…`. With PROMETHEUS=… (a binary), that
// Prometheus is given the same series, and is asked what panels without data ask.
import { resolve } from "node:path";

import { streamsOf } from "./lines.mjs";
import { openAll, say, tally } from "./openAll.mjs";
import { dashboardsBelow, queriesOf } from "./queries.mjs";
import { writeReport } from "./report.mjs";
import { SeriesMaker } from "./series.mjs";
import { serveOthers, servePrometheus } from "../server.mjs";
import { writeLines, writeSeries } from "./write.mjs";

const [binary, dir, out, only = ""] = process.argv.slice(2);
if (!binary || !dir || !out) throw new Error("usage: main.mjs BINARY FOLDER REPORT [WORD]");

const stepMs = 15_000;
const pastMs = 20 * 60_000;
// Instant queries over lines look back for a step of the panel only.
const lineMs = 1000;

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
const streams = streamsOf(logs);
say(`${boards.length} dashboards, ${maker.metrics.size} metrics, ${series.length} series, ${maker.unread.length} queries not read`);

const server = await serveOthers(binary, { dashboards: { folders: [resolve(dir)] } });
const prometheus = process.env.PROMETHEUS ? await servePrometheus(process.env.PROMETHEUS) : undefined;
const metrics = [server, ...(prometheus ? [prometheus] : [])];
try {
  for (const { base } of metrics) {
    // What queries want of long ago comes first: a store takes samples in the order of time.
    for (const ago of [...new Set(series.map((one) => one.ago))].filter((one) => one > 0).toSorted((a, b) => b - a)) {
      // oxlint-disable-next-line no-await-in-loop
      await writeSeries(base, series.filter((one) => one.ago === ago), timesBetween(start, Date.now() + pastMs, stepMs), ago);
    }
    // oxlint-disable-next-line no-await-in-loop
    await writeSeries(base, series, timesBetween(start, Date.now(), stepMs));
  }
  await writeLines(server.base, streams, timesBetween(start, Date.now(), stepMs));
  const stops = [...metrics.map(({ base }) => keepWriting(stepMs, (times) => writeSeries(base, series, times))), keepWriting(lineMs, (times) => writeLines(server.base, streams, times))];
  const results = await openAll({ base: server.base, dir, words: [only], prometheus: prometheus?.base });
  for (const stop of stops) stop();
  if (only === "") writeReport(out, results, prometheus !== undefined);
  process.exitCode = tally(results) ? 0 : 1;
} finally {
  for (const one of metrics) {
    // oxlint-disable-next-line no-await-in-loop
    await one.stop();
  }
}

/** Calls `write` with the times that have come, until the returned function is called. */
function keepWriting(everyMs, write) {
  let last = Math.floor(Date.now() / everyMs) * everyMs;
  const timer = setInterval(() => {
    const times = timesBetween(last + everyMs, Date.now(), everyMs);
    last = times.at(-1) ?? last;
    if (times.length > 0) write(times).catch((error) => say(error.message));
  }, everyMs);
  return () => clearInterval(timer);
}

function timesBetween(from, to, everyMs) {
  return Array.from({ length: Math.max(0, Math.floor((to - from) / everyMs) + 1) }, (_, i) => from + i * everyMs);
}
