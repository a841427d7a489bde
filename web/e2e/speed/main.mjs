// How fast the page is, against the budgets of its design: `make bench-page`. It prints a table in which what is over its
// budget is marked, and fails where something could not be measured; on a busy machine wall times say little. Data that no
// small server has (very many series, names, nodes, lines) are put in at the answer, so what is measured there is the page
// alone; the rest is a real server with a real answer. STEPS picks some, ROUNDS says how often each is repeated.
import { launch } from "../browser.mjs";
import { serve, until } from "../server.mjs";
import { charts, hover } from "./charts.mjs";
import { largeDashboard } from "./dashboards.mjs";
import { lines, parsing } from "./lines.mjs";
import { map } from "./map.mjs";
import { refreshing, tailing } from "./memory.mjs";
import { opening, typing } from "./pages.mjs";
import { manyServices } from "./services.mjs";
import { Table } from "./table.mjs";
import { trace } from "./traces.mjs";

const [binary] = process.argv.slice(2);
if (!binary) throw new Error("usage: main.mjs BINARY");

const steps = { opening, charts, hover, typing, services: manyServices, map, trace, parsing, lines, dashboard: largeDashboard, tailing, refreshing };
const wanted = process.env.STEPS?.split(",") ?? Object.keys(steps);

const server = await serve(binary, "demo", {}, ["--rate", "20"]);
const browser = await launch();
const table = new Table();
try {
  const services = async () => (await (await fetch(`${server.base}/jaeger/api/services`)).json()).data ?? [];
  if (!(await until(async () => (await services()).length >= 8, 60_000))) throw new Error("the demo sends nothing");
  for (const name of wanted) {
    process.stderr.write(`${name} …\n`);
    try {
      // oxlint-disable-next-line no-await-in-loop
      await steps[name]({ browser, base: server.base, binary, table });
    } catch (error) {
      process.exitCode = 1;
      process.stderr.write(`${name} could not be measured: ${error.stack}\n`);
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
process.stdout.write(table.toString());
