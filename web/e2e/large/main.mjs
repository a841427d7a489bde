// Opens a dashboard of 258 panels and 472 queries in Chromium and measures it: `make large-dashboard`. It fails where the
// first screen takes longer than two seconds, or more than six requests are under way at once.
import { launch } from "../browser.mjs";
import { serveOthers } from "../server.mjs";
import { panels, queries } from "./dashboard.mjs";
import { quantile } from "./measure.mjs";
import { fill, visit } from "./visit.mjs";

const [binary, runs = "5", profile] = process.argv.slice(2);
if (!binary) throw new Error("usage: main.mjs BINARY [RUNS [PROFILE]]");

const mostFirstMs = 2000;
const mostInFlight = 6;

const server = await serveOthers(binary);
try {
  const address = await fill(server.base);
  const browser = await launch();
  const found = [];
  for (let run = 0; run < Number(runs); run++) {
    // oxlint-disable-next-line no-await-in-loop
    found.push(await visit(browser, address, run === 0 ? profile : undefined));
    const { lengths: _, ...told } = found.at(-1);
    say(JSON.stringify(told));
  }
  await browser.close();
  const median = (member) => quantile(found.map((one) => one[member]), 0.5);
  say(`${panels} panels, ${queries} queries, median of ${runs}: first screen ${median("firstMs")} ms (main thread on the processor ${median("firstCPU")} ms), ${median("requests")} requests by then, at most ${median("mostInFlight")} at once`);
  say(`scrolling through all of it: main thread on the processor ${median("scrollCPU")} ms in ${median("frames")} frames, of it script ${median("scrollScript")} ms, layout ${median("scrollLayout")} ms`);
  say(`scrolling: frame p50 ${median("p50")} ms, p95 ${median("p95")} ms, longest ${median("longest")} ms, tasks over 50 ms ${median("longTasks")}; bottom drawn after ${median("bottomMs")} ms; heap ${median("heapMB")} MB`);
  process.exitCode = median("firstMs") <= mostFirstMs && median("mostInFlight") <= mostInFlight ? 0 : 1;
} finally {
  await server.stop();
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
