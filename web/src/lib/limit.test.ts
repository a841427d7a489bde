import { expect, test } from "vitest";

import { reachedLimit } from "./limit";

test.each([
  [400, "exceeded maximum resolution of 11000 points per time series (query.max_points). Try increasing the value of the step parameter", /points of one series/, "query.max_points"],
  [400, "query gathers more than 5 bytes; narrow its time range or selector, lower its limit or raise its step, or raise query.max_memory", /memory of one query/, "query.max_memory"],
  [400, "query returns 30 series; group by less or raise query.max_series (20)", /series of one answer/, "query.max_series"],
  [429, 'tenant "shop" has 4 queries already (limits.rates max_concurrent_queries): try again in 1s', /queries at a time/, "limits.rates.max_concurrent_queries"],
  [422, "query processing would load too many samples into memory in query execution", /limit of the server/, ""],
  [504, "context deadline exceeded", /time for one query/, "query.timeout"],
  [503, "query timed out in expression evaluation", /time for one query/, "query.timeout"],
  [429, "store is busy", /more to do/, ""],
])("a %d with %j says which limit that is", (status, message, title, setting) => {
  const limit = reachedLimit(status, message);
  expect(limit?.title).toMatch(title);
  expect(limit?.setting).toBe(setting);
  expect(limit?.advice).not.toBe("");
});

test.each([
  [400, "parse error at line 1, col 5: syntax error"],
  [undefined, "read part 7: input/output error"],
  [500, "max_points of nobody"],
])("a %s with %j is about no limit", (status, message) => expect(reachedLimit(status, message)).toBeUndefined());
