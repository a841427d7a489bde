import { resolve } from "node:path";

import { chromium } from "playwright-core";

import { askedBy, isEmptyAt } from "./compare.mjs";
import { openDashboard } from "./open.mjs";

/**
 * Opens the dashboards of a server that come from `dir`, those whose path has one of the words, and gives what was found in
 * each: `{file, title, drawn, empty, failed, problems, complaints}`. A Prometheus with the same series (its base URL) is
 * asked what panels without data ask.
 */
export async function openAll({ base, dir, words, prometheus }) {
  const root = resolve(dir);
  const { dashboards } = await (await fetch(`${base}/oriel/api/v1/dashboards`)).json();
  const listed = dashboards.filter(({ path }) => path?.startsWith(root) && words.some((word) => path.includes(word)));
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium", args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  const page = await browser.newPage({ viewport: { width: 1600, height: 2000 } });
  const results = [];
  for (const { uid, title, path } of listed) {
    const file = path.slice(root.length + 1);
    const address = `${base}/d/${encodeURIComponent(uid)}/sweep?from=now-15m&to=now&refresh=off`;
    // One page after the other: they share the machine.
    // oxlint-disable-next-line no-await-in-loop
    const found = await openDashboard(page, address).catch((error) => ({ drawn: 0, empty: 0, failed: 1, problems: [{ state: "failed", title: "", text: error.message }], complaints: [] }));
    // oxlint-disable-next-line no-await-in-loop
    if (prometheus) for (const problem of found.problems) if (problem.state === "empty" && problem.why === "no data") problem.verdict = await verdict(page, address, problem, prometheus);
    results.push({ file, title, ...found });
    say(`${file}: ${found.drawn} drawn, ${found.empty} no data, ${found.failed} failed`);
    for (const { state, title: panel, text, verdict: said = "" } of found.problems) say(`    ${state}: ${panel}: ${text} ${said}`);
    for (const text of found.complaints) say(`    complaint: ${text}`);
  }
  await browser.close();
  return results;
}

/** What a Prometheus says to the queries of a panel without data. */
async function verdict(page, address, { id }, prometheus) {
  const asked = await askedBy(page, address, id);
  if (asked.length === 0) return "it asks nothing of Prometheus";
  return (await isEmptyAt(prometheus, asked)) ? "Prometheus has none either" : "Prometheus has some";
}

/** Says what was found in all, and whether nothing failed. */
export function tally(results) {
  const total = (member) => results.reduce((sum, one) => sum + one[member], 0);
  say(`drawn ${total("drawn")}, no data ${total("empty")}, failed ${total("failed")}`);
  return total("failed") === 0 && results.every(({ complaints }) => complaints.length === 0);
}

export function say(text) {
  process.stdout.write(`${text}\n`);
}
