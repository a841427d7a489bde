import { describe, expect, test } from "vitest";

import { levelFromName, levelOf, lineId, mergeLines, traceOf, type LogLine } from "./logLines";

function line(over: Partial<LogLine> = {}): LogLine {
  const base = { ts: "1732240000000000000", line: "hello", labels: {}, metadata: {}, parsed: {}, ...over };
  return { id: lineId(base.ts, base.line, base.labels, base.metadata), ...base };
}

describe("levelOf", () => {
  test.each([
    ["its own field wins over detection", { parsed: { level: "warn" }, metadata: { detected_level: "info" } }, "warn"],
    ["detection comes next", { metadata: { detected_level: "error", severity_number: "9" } }, "error"],
    ["an OTLP number is enough", { metadata: { severity_number: "17" } }, "error"],
    ["number 24 is the last", { metadata: { severity_number: "24" } }, "fatal"],
    ["number 25 is none", { metadata: { severity_number: "25" } }, "unknown"],
    ["an unknown field value falls through", { labels: { level: "loud" }, metadata: { detected_level: "debug" } }, "debug"],
    ["logfmt text is read", { line: "ts=1 level=error msg=x" }, "error"],
    ["JSON text is read", { line: '{"severity":"CRITICAL"}' }, "fatal"],
    ["a bare word is not a level", { line: "an error happened" }, "unknown"],
  ] as const)("%s", (_, over, want) => {
    expect(levelOf(line(over))).toBe(want);
  });

  test.each([
    ["Warning", "warn"],
    ["INFO2", "info"],
    ["crit", "fatal"],
    ["", "unknown"],
    [undefined, "unknown"],
    ["__proto__", "unknown"],
  ])("levelFromName(%j) is %s", (name, want) => {
    expect(levelFromName(name)).toBe(want);
  });
});

describe("mergeLines", () => {
  test("newest first, across pages, each line once", () => {
    const a = line({ ts: "1732240000000000003" });
    const b = line({ ts: "1732240000000000002" });
    const c = line({ ts: "1732240000000000001" });
    expect(mergeLines([c, b], [a, b])).toEqual([a, b, c]);
  });

  test("same time and text with other metadata are two lines", () => {
    const a = line({ metadata: { trace_id: "a" } });
    const b = line({ metadata: { trace_id: "b" } });
    expect(mergeLines([a, b])).toEqual([a, b]);
  });

  test("lines of one nanosecond keep their order", () => {
    const texts = ["one", "two", "three"];
    const merged = mergeLines(texts.map((text) => line({ line: text })));
    expect(merged.map((l) => l.line)).toEqual(texts);
  });
});

describe("lineId", () => {
  test("does not depend on the order of labels", () => {
    expect(lineId("1", "x", { a: "1", b: "2" })).toBe(lineId("1", "x", { b: "2", a: "1" }));
  });

  test("a value cannot pass for a name", () => {
    expect(lineId("1", "x", { a: "b" })).not.toBe(lineId("1", "x", { b: "a" }));
  });
});

describe("traceOf", () => {
  const id = "4bf92f3577b34da6a3ce929d0e0e4736";

  test("reads metadata, and the span with it", () => {
    const metadata = { trace_id: id.toUpperCase(), span_id: "00f067aa0ba902b7" };
    expect(traceOf(line({ metadata }))).toEqual({ traceId: id, spanId: "00f067aa0ba902b7" });
  });

  test("accepts fields found in the text", () => {
    expect(traceOf(line(), { traceID: id })).toEqual({ traceId: id });
  });

  test.each(["", "0".repeat(32), "not-hex", "abc"])("%j is no trace", (value) => {
    expect(traceOf(line({ metadata: { trace_id: value } }))).toBeUndefined();
  });
});
