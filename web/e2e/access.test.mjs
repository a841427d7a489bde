// axe finds nothing on any page, in any state that lasts, in either theme; and no page complains. It needs what
// journey.test.mjs needs, with an alert that fires; ORIEL_EMPTY_URL is a server that has received nothing.
import assert from "node:assert/strict";

import { checkViews } from "./access.mjs";
import { bring } from "./belongings.mjs";
import { patience } from "./browser.mjs";
import { until } from "./server.mjs";
import { base } from "./step.mjs";
import { findFacts, viewsOf } from "./views.mjs";

const bases = { demo: base, empty: process.env.ORIEL_EMPTY_URL?.replace(/\/$/, "") };
await bring(base);
const facts = await until(() => findFacts(base), 9 * patience);
assert.ok(facts, "no alert of the incident fires");

checkViews(viewsOf(facts).filter(({ server, answers }) => server in bases && answers !== "none"), bases);
