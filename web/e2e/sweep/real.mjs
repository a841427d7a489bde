// Opens dashboards over what a real node_exporter and a real Prometheus deliver, scraped by Oriel: `make dashboards-real`.
// The Prometheus scrapes the same, and is asked what panels without data ask: it must have none either.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { openAll, say, tally } from "./openAll.mjs";
import { freePort, serveOthers, servePrometheus } from "../server.mjs";

const [binary, dir, ...words] = process.argv.slice(2);
const { PROMETHEUS: prometheusBinary, NODE_EXPORTER: exporterBinary = "prometheus-node-exporter" } = process.env;
if (!binary || !dir || words.length === 0 || !prometheusBinary) throw new Error("usage: PROMETHEUS=… [NODE_EXPORTER=…] real.mjs BINARY FOLDER WORD…");

// Rates over the fifteen minutes that are shown look back for four scrapes.
const scrapeEvery = "5s";
const gatherMs = 180_000;

const node = `127.0.0.1:${await freePort()}`;
// These collectors are off unless asked for, and panels want them.
const more = ["--collector.processes", "--collector.interrupts", "--collector.tcpstat"];
const exporter = spawn(exporterBinary, [`--web.listen-address=${node}`, ...more], { stdio: ["ignore", "ignore", "ignore"] });
const exited = once(exporter, "exit");
// Some dashboards choose by it.
const labels = { cluster: "here" };
const jobs = (own) => ({
  scrape_configs: [
    { job_name: "node", scrape_interval: scrapeEvery, static_configs: [{ targets: [node], labels }] },
    { job_name: "prometheus", scrape_interval: scrapeEvery, static_configs: [{ targets: [own], labels }] },
  ],
});
const prometheus = await servePrometheus(prometheusBinary, jobs);
const oriel = await serveOthers(binary, { dashboards: { folders: [resolve(dir)] }, ...jobs(new URL(prometheus.base).host) });
try {
  say(`gathering for ${gatherMs / 1000} s`);
  await wait(gatherMs);
  const results = await openAll({ base: oriel.base, dir, words, prometheus: prometheus.base });
  const sound = tally(results);
  const missed = results.flatMap(({ problems }) => problems).filter((one) => one.verdict === "Prometheus has some");
  say(`${missed.length} panels without data for which Prometheus has some`);
  process.exitCode = sound && missed.length === 0 ? 0 : 1;
} finally {
  await oriel.stop();
  await prometheus.stop();
  exporter.kill();
  await exited;
}
