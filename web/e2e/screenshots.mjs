// Takes a picture of every page in every state and both themes, of servers of its own: `make screenshots`. A
// pattern after the folder takes only the views whose name fits.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { bring, shopConfig } from "./belongings.mjs";
import { launch, watch, wear } from "./browser.mjs";
import { corporate, guarded, populate, signIn } from "./people.mjs";
import { freePort, serve, serveOthers, until } from "./server.mjs";
import { feed, madeFor } from "./sweep/feed.mjs";
import { dashboardsBelow } from "./sweep/queries.mjs";
import { findFacts, leave, show, viewsOf } from "./views.mjs";

const [binary, folder, only = ""] = process.argv.slice(2);
if (!binary || !folder) throw new Error("usage: screenshots.mjs BINARY FOLDER [PATTERN]");

const minute = 60_000;
const atOnce = 2;
// Dashboards of what is here.
const real = new Set(["host.json"]);
const builtIn = fileURLToPath(new URL("../../query/dashapi/builtin", import.meta.url));

// Whom the demo's alerts are told, and who has no metrics.
const hook = createServer((asked, answer) => {
  asked.resume();
  answer.writeHead(200, { "Content-Type": "text/plain" }).end();
}).listen(0, "127.0.0.1");
await once(hook, "listening");
const machine = `127.0.0.1:${await freePort()}`;
const exporter = spawn(process.env.NODE_EXPORTER ?? "prometheus-node-exporter", [`--web.listen-address=${machine}`], { stdio: "ignore" });
exporter.on("error", (error) => say(`the picture of a host needs a node exporter: ${error.message}`));

// An incident that has begun after a minute, and is not over before the pictures are taken.
const servers = await Promise.all([
  serve(binary, "demo", shopConfig(`127.0.0.1:${hook.address().port}`), ["--rate", "20", "--incident", "5m"]),
  serve(binary, "serve"),
  serve(binary, "serve", corporate),
  serve(binary, "serve", guarded),
  serveOthers(binary, { scrape_configs: [{ job_name: "node", scrape_interval: "5s", static_configs: [{ targets: [machine] }] }] }),
]);
const [demo, empty, stranger, people, fed] = servers;
const bases = { demo: process.env.ORIEL_URL ?? demo.base, empty: empty.base, stranger: stranger.base, guarded: people.base, fed: fed.base };
const browser = await launch();
let stopFeeding = () => {};
try {
  stopFeeding = await feed([fed.base], madeFor(dashboardsBelow(builtIn).filter(({ path }) => !real.has(path))));
  await bring(bases.demo);
  say("waiting for an alert of the demo's incident");
  const facts = await until(() => findFacts(bases.demo), 5 * minute);
  if (!facts) throw new Error("the demo's incident has made no alert fire");
  const views = viewsOf(facts);
  await pictures(views.filter(({ name }) => new RegExp(only).test(name)));
  await writeFile(join(folder, "README.md"), index(views));
} finally {
  await browser.close();
  stopFeeding();
  await Promise.all(servers.map((one) => one.stop()));
  hook.close();
  exporter.kill();
}

async function pictures(views) {
  await mkdir(folder, { recursive: true });
  if (only === "") for (const name of await readdir(folder)) if (name.endsWith(".webp")) await rm(join(folder, name));
  const context = await browser.newContext({ reducedMotion: "reduce", timezoneId: "UTC", locale: "en-GB" });
  await populate(await until(() => /http:\S+setup=\S+/.exec(people.said())?.[0], minute));
  await signIn(context, people.base);
  // They share a window, whose size is that of all. The others are taken two at once: while one waits for its data or
  // for quiet, another is drawn.
  await picturesOf(
    context,
    views.filter(({ size }) => size),
  );
  const usual = views.filter(({ size }) => !size);
  await Promise.all(Array.from({ length: atOnce }, () => picturesOf(context, usual)));
  await context.close();
}

/** Takes the pictures of what is left of the views, one after the other. */
async function picturesOf(context, left) {
  for (let view = left.shift(); view; view = left.shift()) {
    // oxlint-disable-next-line no-await-in-loop
    const complaints = await picture(context, view);
    say([view.name, ...complaints].join("\n    "));
  }
}

async function picture(context, view) {
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints = [];
  await watch(page, (complaint) => complaints.push(complaint));
  try {
    await show(page, bases[view.server], view);
    for (const theme of ["light", "dark"]) {
      // oxlint-disable-next-line no-await-in-loop
      await wear(page, theme);
      // oxlint-disable-next-line no-await-in-loop
      await writeFile(join(folder, `${view.name}.${theme}.webp`), await webp(page));
    }
  } catch (error) {
    complaints.push(error.message);
  }
  await leave(page);
  await page.close();
  const faults = complaints.filter((text) => !view.complains?.test(text));
  if (faults.length > 0) process.exitCode = 1;
  return faults;
}

/** A picture of the window, small enough to keep many. */
async function webp(page) {
  // What the last change of colours has begun is drawn in the frame after next.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 60 });
  await session.detach();
  return Buffer.from(data, "base64");
}

function index(views) {
  const lines = views.map(({ name, title }) => `| ${title} | ![${title}, light](${name}.light.webp) | ![${title}, dark](${name}.dark.webp) |`);
  return `# Every page, in every state and both themes

Written by \`make screenshots\`, of \`oriel demo\` while its incident lasts. What the demo does not have (Kubernetes, Kafka and
so on) is drawn from numbers that are made up for the queries of its dashboards. \`web/e2e/views.mjs\` lists the views; the same list is
what axe is asked about in \`make e2e\`.

| view | light | dark |
|---|---|---|
${lines.join("\n")}
`;
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
