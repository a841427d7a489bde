import { expect, test } from "vitest";

import { defaultRules } from "../../lib/correlate/rules";
import { aroundText, newId, ruleFault } from "./ruleWords";

test.each([
  ["page", "range of the page"],
  [{ before: 30, after: "now" }, "30 min before it until now"],
  [{ before: 5, after: 10 }, "5 min before it to 10 min after"],
  [{ before: 7, after: "now" }, "7 min before it to now"],
] as const)("%j is told as %s", (around, want) => expect(aroundText(around)).toBe(want));

test.each([
  ["My Logs!", [], "my-logs"],
  ["My logs", ["my-logs", "my-logs-2"], "my-logs-3"],
  ["…", [], "rule"],
])("the id of %j beside %j is %s", (title, taken, want) => expect(newId(title, taken)).toBe(want));

test("the page's own rules are without fault", () => expect(defaultRules.map(ruleFault).filter(Boolean)).toEqual([]));

test.each([
  [{ title: " " }, "name"],
  [{ from: [] }, "offered on"],
  [{ queries: [] }, "query"],
  [{ queries: ["{a={{srvice}}}"] }, "{{srvice}}"],
])("%j is a fault", (change, want) => expect(ruleFault({ id: "a", title: "A", from: ["line"], to: "logs", queries: ["{}"], around: "page", ...change })).toContain(want));
