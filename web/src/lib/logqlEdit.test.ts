import { describe, expect, test } from "vitest";

import {
  addFilter,
  addLineFilter,
  changeChip,
  countByLevel,
  EVERYTHING,
  isChangeable,
  linesOfTrace,
  readQuery,
  removeChip,
  streamSelector,
  type Filter,
} from "./logqlEdit";

const chips = (query: string) => readQuery(query).chips.map((c) => `${c.kind}:${c.name}${c.op}${c.value}`);

describe("readQuery", () => {
  test.each([
    [EVERYTHING, "log"],
    ['{a="b"} | json | x>5', "log"],
    ['sum by (x) (rate({a="b"}[5m]))', "metric"],
    ['{a="b"', "invalid"],
    ["{}", "invalid"],
    ["", "invalid"],
    ['sum(rate({a="b"} [$__auto])) / $__range_s', "metric"],
    ['rate({a="b"} |= "$__auto" [${__interval}] offset $__range)', "metric"],
  ])("%s is a %s query", (query, kind) => {
    expect(readQuery(query).kind).toBe(kind);
  });

  test("lists selector matchers, label filters and line filters in order", () => {
    expect(chips('{app="api", env=~"p.*"} |= "x" or "y" | json | status>=500 | level!="info" !~ `z`')).toEqual([
      "matcher:app=api",
      "matcher:env=~p.*",
      "line:|=x or y",
      "filter:status>=500",
      "filter:level!=info",
      "line:!~z",
    ]);
  });

  test("values are unquoted, also with escapes and back-ticks", () => {
    expect(chips('{a="q\\"}{\\\\"} |= `b"c`')).toEqual(['matcher:a=q"}{\\', 'line:|=b"c']);
  });

  test("knows the parsers of the pipeline", () => {
    expect(readQuery('{a="b"} | logfmt | json').parsers).toEqual(["logfmt", "json"]);
  });

  test("positive line filters become terms to highlight", () => {
    const { terms } = readQuery('{a="b"} |= "a.b" |~ "(?i)fail(ed)?" != "no"');
    expect(terms.map(String)).toEqual(["/a\\.b/g", "/fail(ed)?/gi"]);
  });

  test("an expression JavaScript cannot compile is not highlighted", () => {
    expect(readQuery('{a="b"} |~ "(?P<x>a)["').terms).toEqual([]);
  });
});

const remove = (query: string, index: number) => removeChip(query, readQuery(query).chips[index]!);

describe("removeChip", () => {
  test.each([
    ['{a="b", c="d"}', 0, '{c="d"}'],
    ['{a="b", c="d"} |= "x"', 1, '{a="b"} |= "x"'],
    ['{a="b"} | json', 0, `${EVERYTHING} | json`],
    ['{a="}{"} | json', 0, `${EVERYTHING} | json`],
    ['{a="b"} |= "x" | json', 1, '{a="b"} | json'],
    ['{a="b"} | json | l="e" | m="f"', 1, '{a="b"} | json | m="f"'],
    ['{a="b"} | json | l="e"', 1, '{a="b"} | json'],
    ['sum(rate({a="b"} |= "x" [5m]))', 1, 'sum(rate({a="b"} [5m]))'],
  ])("%s without condition %d is %s", (query, index, want) => {
    expect(remove(query, index)).toBe(want);
  });

  test("one side of an or stays", () => {
    const query = '{a="b"} | json | l="e" or m="f"';
    expect(readQuery(query).chips[1]!.removable).toBe(false);
    expect(remove(query, 1)).toBe(query);
  });
});

const label = (name: string, value: string, op: "=" | "!=" = "="): Filter => ({ origin: "label", name, op, value });

describe("addFilter", () => {
  test.each<[string, Filter, string]>([
    [EVERYTHING, label("service_name", "cart"), '{service_name="cart"}'],
    [EVERYTHING, label("service_name", "cart", "!="), '{service_name=~".+", service_name!="cart"}'],
    [EVERYTHING, label("env", "prod"), '{service_name=~".+", env="prod"}'],
    ['{a="b"}', label("a", "c"), '{a="c"}'],
    ['{a="b"}', label("a", "b", "!="), '{a!="b"}'],
    ['{a="b"} | json', label("a", "b"), '{a="b"} | json'],
    ['{a="}"} |= "{"', label("c", 'd"e'), '{a="}", c="d\\"e"} |= "{"'],
    ['{a="b"}', { origin: "metadata", name: "trace_id", op: "=", value: "t" }, '{a="b"} | trace_id="t"'],
    ['{a="b"}', { origin: "parsed", name: "code", op: "!=", value: "500", parser: "json" }, '{a="b"} | json | code!="500"'],
    ['{a="b"} | json', { origin: "parsed", name: "code", op: "=", value: "500", parser: "json" }, '{a="b"} | json | code="500"'],
    ['{a="b"} | x="1"', { origin: "metadata", name: "x", op: "!=", value: "1" }, '{a="b"} | x!="1"'],
    ['{a="b"} | x="1"', { origin: "metadata", name: "x", op: "=", value: "2" }, '{a="b"} | x="2"'],
    ['{a="b"} | x!="1"', { origin: "metadata", name: "x", op: "!=", value: "2" }, '{a="b"} | x!="1" | x!="2"'],
    ['sum(rate({a="b"} | json [5m]))', { origin: "metadata", name: "x", op: "=", value: "2" }, 'sum(rate({a="b"} | json | x="2" [5m]))'],
    ["{oops", label("a", "b"), '{service_name=~".+", a="b"}'],
  ])("%s with %o is %s", (query, filter, want) => {
    expect(addFilter(query, filter)).toBe(want);
  });

  test("what is added can be taken out again", () => {
    const query = '{a="b"} |= "x"';
    const added = addFilter(query, { origin: "metadata", name: "k", op: "=", value: 'tricky "}| value' });
    const chip = readQuery(added).chips.find((c) => c.name === "k")!;
    expect(chip.value).toBe('tricky "}| value');
    expect(removeChip(added, chip)).toBe(query);
  });
});

test("addLineFilter appends, quoted", () => {
  expect(addLineFilter('{a="b"}', "|=", 'x "y"')).toBe('{a="b"} |= "x \\"y\\""');
  expect(addLineFilter('{a="b"}', "!=", "")).toBe('{a="b"}');
  expect(addLineFilter("", "|=", "x")).toBe(`${EVERYTHING} |= "x"`);
});

test("helpers make queries the grammar accepts", () => {
  expect(readQuery(countByLevel('{a="b"} | json', "30s")).kind).toBe("metric");
  expect(streamSelector({ b: "2", a: "1", empty: "", __error__: "x" })).toBe('{a="1", b="2"}');
  expect(streamSelector({})).toBe(EVERYTHING);
  expect(linesOfTrace("abc")).toBe('{service_name=~".+"} | trace_id="abc"');
  expect(readQuery(linesOfTrace("abc", "def")).kind).toBe("log");
});

describe("changing a condition", () => {
  const change = (query: string, name: string, op: string, value: string) => {
    const chip = readQuery(query).chips.find((one) => one.name === name);
    return chip && changeChip(query, chip, op, value);
  };

  test.each([
    ['{a="b", c="d"} | json', "a", "!=", "x", '{a!="x", c="d"} | json'],
    ['{a="b"} | json | code="7" | x="1"', "code", "=~", "5..", '{a="b"} | json | code =~ "5.." | x="1"'],
    ['{a="b"} | json | status >= 400', "status", "<", "300", '{a="b"} | json | status < 300'],
    ['{a="b"} | json | status >= 400', "status", "=", "many", '{a="b"} | json | status = "many"'],
    ['{a="b"} |= "old" | json', "", "!=", "new", '{a="b"} != "new" | json'],
  ])("%s: %s %s %s", (query, name, op, value, want) => expect(change(query, name, op, value)).toBe(want));

  test("leaves one with alternatives to the text", () => {
    const query = '{a="b"} |= "x" or "y"';
    const [, chip] = readQuery(query).chips;
    expect(chip && isChangeable(query, chip)).toBe(false);
    expect(change(query, "", "|=", "z")).toBe(query);
  });
});

test("what a query makes anew is known", () => {
  expect(readQuery('{a="b"} | json | line_format "{{.x}}=1" | label_format foo=bar, baz="q=1 {{.z}}"').derived).toEqual({ line: true, labels: ["foo", "baz"] });
  expect(readQuery('{a="b"} | json').derived).toEqual({ line: false, labels: [] });
});
