// Opens every dashboard below a folder in Chromium, over a server of its own with series and lines made from what the
// dashboards ask, and writes down how many panels draw: `make dashboards DIR=…`. With PROMETHEUS=… (a binary), that
// Prometheus is given the same series, and is asked what panels without data ask.
import { resolve } from "node:path";

import { feed, madeFor } from "./feed.mjs";
import { openAll, say, tally } from "./openAll.mjs";
import { dashboardsBelow } from "./queries.mjs";
import { writeReport } from "./report.mjs";
import { serveOthers, servePrometheus } from "../server.mjs";

const [binary, dir, out, only = ""] = process.argv.slice(2);
if (!binary || !dir || !out) throw new Error("usage: main.mjs BINARY FOLDER REPORT [WORD]");

const boards = dashboardsBelow(resolve(dir));
const made = madeFor(boards);
say(`${boards.length} dashboards, ${made.maker.metrics.size} metrics, ${made.series.length} series, ${made.maker.unread.length} queries not read`);

const server = await serveOthers(binary, { dashboards: { folders: [resolve(dir)] } });
const prometheus = process.env.PROMETHEUS ? await servePrometheus(process.env.PROMETHEUS) : undefined;
const servers = [server, ...(prometheus ? [prometheus] : [])];
try {
  const stop = await feed(servers.map(({ base }) => base), made);
  const results = await openAll({ base: server.base, dir, words: [only], prometheus: prometheus?.base });
  stop();
  if (only === "") writeReport(out, results, prometheus !== undefined);
  process.exitCode = tally(results) ? 0 : 1;
} finally {
  for (const one of servers) {
    // oxlint-disable-next-line no-await-in-loop
    await one.stop();
  }
}
