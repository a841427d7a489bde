import { describe, expect, test } from "vitest";

import { writeLogs, type BuiltLogs } from "./build";
import { readLogs } from "./read";

describe("the builder of LogQL", () => {
  test.each([
    '{service_name="cart"}',
    '{a="b", c=~"d.*"} |= "x" or "y" | json | status >= 500 | level!="info" !~ `\\d+`',
    '{a="b"} | logfmt | took > 1.5s | size < 10KB',
    '{a="b"} | pattern "<ip> - <_>" | regexp `(?P<x>\\w+)` | unpack | line_format `{{.x}} "quoted"`',
    '{a="b"} | drop x, y | keep z',
    '{a="$app"} |= "$find" | k="${y:regex}"',
    'sum by (level) (count_over_time({a="b"} | json [$__auto]))',
    'topk(10, sum by (x) (rate({a="b"} [5m])))',
    'quantile_over_time(0.95, {a="b"} | json | unwrap duration(latency) | __error__="" [5m]) by (x)',
    'sum without (pod) (rate({a="b"} [1h30m] offset 1d))',
    'sum(rate({a="b"} |= "error" [5m])) / sum(rate({a="b"} [5m]))',
    'sum(rate({a="b"} [$interval])) > $limit',
    'topk($n, sum by ($label) (rate({a="b"} [5m])))',
    '(sum(rate({a="b"} [5m])))',
    'label_replace(rate({a="b"} [5m]), "a", "$1", "b", "(.*)")',
    '100 * sum(rate({a="b"} [5m]))',
    'sum(rate({a="b"} [5m])) > bool 5',
    '{a="b"} | json | x="1" or y="2" | addr=ip("10.0.0.0/8")',
    '{a="b"} | decolorize | label_format x=y | json first="a.b" |~ ip("10.0.0.1")',
  ])("%s reads and writes back as it was", (query) => {
    expect(writeLogs(readLogs(query) ?? never())).toBe(query);
  });

  test.each([
    ['rate({a="b"}[5m] |= "x")', 'rate({a="b"} |= "x" [5m])'],
    ['sum(rate({a="b"}[5m])) by (x)', 'sum by (x) (rate({a="b"} [5m]))'],
    ["{a=`b`}", '{a="b"}'],
  ])("%s is written in one form", (query, written) => {
    expect(writeLogs(readLogs(query) ?? never())).toBe(written);
  });

  test.each(['{a="b"', "{}", '{a="b"} # why\n | json', 'rate(({a="b"} |= "x")[5m])', '({a="b"} |= "x")', '{a="\\x41"}', "1 + 1", 'vector(1)'])("%s stays text", (query) => {
    expect(readLogs(query)).toBeUndefined();
  });

  test("what it has no controls for stays as text among the rest", () => {
    expect(readLogs('{a="b"} | json | x="1" or y="2"')?.stages).toEqual([
      { kind: "parser", name: "json", template: "" },
      { kind: "text", text: '| x="1" or y="2"' },
    ]);
    expect(readLogs('1 - sum(rate({a="b"} [5m]))')?.steps.at(-1)).toEqual({ kind: "text", before: "1 - ", after: "" });
  });

  test("what is not filled in yet is left out, or asks for something sensible", () => {
    const built: BuiltLogs = {
      matchers: [{ name: "a", op: "=", value: "b" }],
      stages: [{ kind: "line", op: "|=", values: [] }, { kind: "unwrap", label: "", conversion: "" }, { kind: "labels", how: "drop", labels: [] }],
      steps: [{ kind: "window", fn: "rate", param: "", window: "", offset: "", grouping: "", labels: [] }, { kind: "binary", op: "*", right: "" }],
    };
    expect(writeLogs(built)).toBe('rate({a="b"} [$__auto])');
    expect(writeLogs({ matchers: [], stages: [], steps: [] })).toBe("");
    expect(readLogs(" ")).toEqual({ matchers: [], stages: [], steps: [] });
  });
});

function never(): never {
  throw new Error("does not read");
}
