// axe finds nothing on any page, in any state that lasts, in either theme; and no page complains. It needs what
// journey.test.mjs needs, with an alert that fires; ORIEL_EMPTY_URL is a server that has received nothing.
import assert from "node:assert/strict";

import { patience, violations, watch } from "./browser.mjs";
import { until } from "./server.mjs";
import { base, context, step } from "./step.mjs";
import { findFacts, leave, show, viewsOf } from "./views.mjs";

const bases = { demo: base, empty: process.env.ORIEL_EMPTY_URL?.replace(/\/$/, "") };
const facts = await until(() => findFacts(base), 9 * patience);
assert.ok(facts, "no alert of the incident fires");

const views = viewsOf(facts).filter(({ server, answers }) => server in bases && answers !== "none");
// A step for a few of them: what one has loaded the next need not load again.
for (let first = 0; first < views.length; first += 8) {
  const some = views.slice(first, first + 8);
  step(`${some.map(({ title }) => title).join("; ")}: no violation in either theme`, async () => {
    const found = [];
    // One after the other: they share the browser.
    // oxlint-disable-next-line no-await-in-loop
    for (const view of some) found.push(...(await faults(view)));
    assert.deepEqual(found, []);
  });
}

async function faults(view) {
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const found = [];
  await watch(page, (complaint) => view.complains?.test(complaint) || found.push(`${view.title}: ${complaint}`));
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await show(page, bases[view.server], view);
  found.push(...(await violations(page, `${view.title}, light`)));
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForFunction(() => document.documentElement.dataset.mantineColorScheme === "dark");
  found.push(...(await violations(page, `${view.title}, dark`)));
  await leave(page);
  await page.close();
  return found;
}
