import { describe, expect, it, test } from "vitest";

import { formatNanoSpan, formatValue, group, unitOf } from "./units";

// Thin no-break spaces would be hard to see in a table.
const plain = (text: string): string => text.replaceAll("\u202f", " ");

describe("a value with its unit", () => {
  const cases: [value: number | null | undefined, unit: string, want: string][] = [
    [0, "short", "0"],
    [1, "short", "1"],
    [0.125, "short", "0.125"],
    [12.345, "short", "12.3"],
    [999, "short", "999"],
    [999.96, "short", "1 K"],
    [1234, "short", "1.23 K"],
    [-1234, "short", "-1.23 K"],
    [5_600_000, "short", "5.6 M"],
    [7.2e9, "short", "7.2 G"],
    [0.0000123, "short", "1.23e-5"],
    [null, "short", "–"],
    [undefined, "s", "–"],
    [NaN, "bytes", "–"],
    [Infinity, "s", "+Inf"],
    [-Infinity, "s", "-Inf"],
    [0, "bytes", "0 B"],
    [1023, "bytes", "1 023 B"],
    [1024, "bytes", "1 KiB"],
    [1536, "bytes", "1.5 KiB"],
    [5 * 1024 ** 3, "bytes", "5 GiB"],
    [1500, "decbytes", "1.5 kB"],
    [2_000_000, "Bps", "2 MB/s"],
    [2048, "binBps", "2 KiB/s"],
    [1_200_000, "bps", "1.2 Mb/s"],
    [0, "s", "0 s"],
    [1.234, "s", "1.23 s"],
    [0.0123, "s", "12.3 ms"],
    [0.000045, "s", "45 µs"],
    [3e-8, "s", "30 ns"],
    [59.99, "s", "1 min"],
    [90, "s", "1.5 min"],
    [7200, "s", "2 h"],
    [172_800, "s", "2 d"],
    [-0.5, "s", "-500 ms"],
    [250, "ms", "250 ms"],
    [1500, "ms", "1.5 s"],
    [1500, "µs", "1.5 ms"],
    [1500, "ns", "1.5 µs"],
    [0.0342, "percentunit", "3.42 %"],
    [1, "percentunit", "100 %"],
    [12.5, "percent", "12.5 %"],
    [512, "reqps", "512 req/s"],
    [1234, "ops", "1.23 K ops/s"],
    [3, "items/sec", "3 items/sec"],
    [1234567, "none", "1 234 567"],
    [0, "bool", "false"],
    [1, "bool", "true"],
  ];
  it.each(cases)("%s in %s is %s", (value, unit, want) => expect(plain(formatValue(value, unit))).toBe(want));

  it("has the decimals asked for", () => {
    expect(plain(formatValue(1.2, "s", 3))).toBe("1.200 s");
    expect(plain(formatValue(1536, "bytes", 0))).toBe("2 KiB");
    expect(plain(formatValue(1234.5, "none", 2))).toBe("1 234.50");
  });
});

test("digits are grouped by thousands, the fraction left alone", () => {
  expect(plain(group(1234567.25))).toBe("1 234 567.25");
  expect(plain(group(-1234))).toBe("-1 234");
  expect(group(999)).toBe("999");
  expect(group(1e21)).toBe("1e+21");
});

test("spans of nanoseconds take numbers, text and bigints", () => {
  expect(plain(formatNanoSpan(1_240_000_000))).toBe("1.24 s");
  expect(plain(formatNanoSpan("831000"))).toBe("831 µs");
  expect(plain(formatNanoSpan(42n))).toBe("42 ns");
});

describe("the unit of a metric by its name", () => {
  it.each([
    ["http_request_duration_seconds", "s"],
    ["http_request_duration_seconds_bucket", "s"],
    ["http_request_duration_seconds_sum", "s"],
    ["rpc_duration_milliseconds", "ms"],
    ["node_memory_MemFree_bytes", "bytes"],
    ["network_bytes_total", "bytes"],
    ["cache_hit_ratio", "percentunit"],
    ["disk_used_percent", "percent"],
    ["go_goroutines", "short"],
    ["http_requests_total", "short"],
  ])("%s", (name, unit) => expect(unitOf(name)).toBe(unit));
});
