import { describe, expect, test } from "vitest";

import { curlOf, linkOf, queriesOf } from "./share";

const range = { from: 1_732_237_200_000, to: 1_732_240_800_000 };

test("the queries of a page are those of its address, without empty ones", () => {
  expect(queriesOf("/explore/metrics", { q: ["up", " ", "go_info"] })).toEqual([{ language: "promql", query: "up" }, { language: "promql", query: "go_info" }]);
  expect(queriesOf("/explore/logs", { q: "{}" })).toEqual([{ language: "logql", query: "{}" }]);
  expect(queriesOf("/explore/traces", {})).toEqual([]);
  expect(queriesOf("/alerts", { q: "up" })).toEqual([]);
});

describe("a command", () => {
  test("asks for metrics in seconds", () =>
    expect(curlOf({ language: "promql", query: 'up{a="b"}' }, "http://x:1/o", range)).toBe(
      `curl -G http://x:1/o/api/v1/query_range \\\n  --data-urlencode 'query=up{a="b"}' \\\n  --data-urlencode start=1732237200 \\\n  --data-urlencode end=1732240800 \\\n  --data-urlencode step=14`,
    ));
  test("asks for lines in nanoseconds, and quotes are safe in a shell", () => {
    const command = curlOf({ language: "logql", query: "{a=`it's`}" }, "http://x", range);
    expect(command).toContain(`'query={a=\`it'\\''s\`}'`);
    expect(command).toContain("start=1732237200000000000");
  });
  test("asks for traces", () => expect(curlOf({ language: "traceql", query: "{}" }, "http://x", range)).toContain("/tempo/api/search"));
});

test("a link keeps moving, or stands still", () => {
  const href = "http://x/o/explore/logs?q=%7B%7D&from=now-1h&to=now&refresh=5s";
  expect(linkOf(href)).toBe(href);
  expect(linkOf(href, range)).toBe("http://x/o/explore/logs?q=%7B%7D&from=1732237200000&to=1732240800000");
});
