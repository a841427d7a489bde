import assert from "node:assert/strict";

import { patience, violationsInBothThemes, watch } from "./browser.mjs";
import { context, step } from "./step.mjs";
import { leave, show } from "./views.mjs";

// Opening a page costs as much as all that axe does with it. Half of that is the browser's, of a process that has read none of
// Oriel's scripts: so a step opens many views, one after the other in the same pages.
const inAStep = 16;
const atOnce = 2;

/**
 * Steps in which axe finds nothing in any of the views, in either theme, and no page complains. `bases` are the addresses of
 * their servers by name; `enter` is told of the context of each step before a page is opened in it.
 */
export function checkViews(views, bases, enter = () => {}) {
  for (let first = 0; first < views.length; first += inAStep) {
    const some = views.slice(first, first + inAStep);
    step(`${some.map(({ title }) => title).join("; ")}: no violation in either theme`, async () => {
      await enter(context);
      const found = [];
      const left = [...some];
      // While one of them waits for its data or for quiet, axe looks at another.
      await Promise.all(Array.from({ length: atOnce }, () => look(left, bases, found)));
      assert.deepEqual(found, []);
    });
  }
}

/** Takes views that are left, until none is, and adds what is wrong with them to `found`. */
async function look(left, bases, found) {
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  let view;
  await watch(page, (complaint) => view.complains?.test(complaint) || found.push(`${view.title}: ${complaint}`));
  while ((view = left.shift())) {
    // oxlint-disable-next-line no-await-in-loop
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    // oxlint-disable-next-line no-await-in-loop
    await show(page, bases[view.server], view);
    // oxlint-disable-next-line no-await-in-loop
    found.push(...(await violationsInBothThemes(page, view.title)));
    // oxlint-disable-next-line no-await-in-loop
    await leave(page);
    // What this view still had to say has been heard before the next begins.
    // oxlint-disable-next-line no-await-in-loop
    await page.goto("about:blank");
  }
  await page.close();
}
