// Takes a picture of every page in every state and both themes, of servers of its own: `make screenshots`. A
// pattern after the folder takes only the views whose name fits.
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { launch, watch, wear } from "./browser.mjs";
import { guarded, populate, signIn } from "./people.mjs";
import { serve, until } from "./server.mjs";
import { findFacts, leave, show, viewsOf } from "./views.mjs";

const [binary, folder, only = ""] = process.argv.slice(2);
if (!binary || !folder) throw new Error("usage: screenshots.mjs BINARY FOLDER [PATTERN]");

const minute = 60_000;

// An incident that has begun after a minute, and is not over before the pictures are taken.
const [demo, empty, stranger, people] = await Promise.all([
  serve(binary, "demo", {}, ["--rate", "20", "--incident", "5m"]),
  serve(binary, "serve"),
  serve(binary, "serve", guarded),
  serve(binary, "serve", guarded),
]);
const bases = { demo: process.env.ORIEL_URL ?? demo.base, empty: empty.base, stranger: stranger.base, guarded: people.base };
const browser = await launch();
try {
  say("waiting for an alert of the demo's incident");
  const facts = await until(() => findFacts(bases.demo), 5 * minute);
  if (!facts) throw new Error("the demo's incident has made no alert fire");
  const views = viewsOf(facts);
  await pictures(views.filter(({ name }) => new RegExp(only).test(name)));
  await writeFile(join(folder, "README.md"), index(views));
} finally {
  await browser.close();
  await Promise.all([demo, empty, stranger, people].map((one) => one.stop()));
}

async function pictures(views) {
  await mkdir(folder, { recursive: true });
  if (only === "") for (const name of await readdir(folder)) if (name.endsWith(".webp")) await rm(join(folder, name));
  const context = await browser.newContext({ reducedMotion: "reduce", timezoneId: "UTC", locale: "en-GB" });
  await populate(await until(() => /http:\S+setup=\S+/.exec(people.said())?.[0], minute));
  await signIn(context, people.base);
  for (const view of views) {
    // One after the other: they share the machine.
    // oxlint-disable-next-line no-await-in-loop
    const complaints = await picture(context, view);
    say([view.name, ...complaints].join("\n    "));
  }
  await context.close();
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
    process.exitCode = 1;
  }
  await leave(page);
  await page.close();
  return complaints.filter((text) => !view.complains?.test(text));
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

Written by \`make screenshots\`, of \`oriel demo\` while its incident lasts. \`web/e2e/views.mjs\` lists the views; the same list is
what axe is asked about in \`make e2e\`.

| view | light | dark |
|---|---|---|
${lines.join("\n")}
`;
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
