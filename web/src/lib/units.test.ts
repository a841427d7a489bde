import { describe, expect, it, test } from "vitest";

import { formatNanoSpan, formatParts, formatValue, group, unitOf } from "./units";

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
    [1, "bool_yes_no", "Yes"],
    [0, "bool_on_off", "Off"],
    [400 * 86_400, "s", "1.1 y"],
    [5, "m", "5 min"],
    [36, "h", "1.5 d"],
    [41 * 86_400 + 3 * 3600 + 59, "dtdurations", "41 d 3 h"],
    [65, "dtdurations", "1 min 5 s"],
    [90_000, "dtdurationms", "1 min 30 s"],
    [0.25, "dtdurations", "250 ms"],
    [93_784, "dthms", "26:03:04"],
    [-61, "dthms", "-00:01:01"],
    [93_784, "dtdhms", "1 d 02:03:04"],
    [2048, "bits", "2 Kib"],
    [2000, "decbits", "2 kb"],
    [1536, "kbytes", "1.5 MiB"],
    [0.5, "kbytes", "512 B"],
    [2500, "deckbytes", "2.5 MB"],
    [1.5, "mbytes", "1.5 MiB"],
    [0.5, "gbytes", "512 MiB"],
    [1500, "KBs", "1.5 MB/s"],
    [3, "MiBs", "3 MiB/s"],
    [12, "GBs", "12 GB/s"],
    [100, "Mbits", "100 Mb/s"],
    [1_500_000, "pps", "1.5 M packets/s"],
    [7, "eps", "7 events/s"],
    [7, "mps", "7 msg/s"],
    [7, "wps", "7 writes/s"],
    [7, "cps", "7 /s"],
    [7, "opm", "7 ops/min"],
    [7, "rpm", "7 reads/min"],
    [2_400_000_000, "hertz", "2.4 GHz"],
    [0.25, "hertz", "250 mHz"],
    [1200, "rotrpm", "1.2 krpm"],
    [21.5, "celsius", "21.5 °C"],
    [70, "fahrenheit", "70 °F"],
    [1500, "watt", "1.5 kW"],
    [2, "kwatt", "2 kW"],
    [0.012, "volt", "12 mV"],
    [3, "amp", "3 A"],
    [40, "humidity", "40 %H"],
    [1013, "pressurehpa", "1 013 hPa"],
    [1234, "currencyUSD", "$1.23 K"],
    [-5, "currencyUSD", "-$5"],
    [5, "currencyEUR", "€5"],
    [5, "currencyGBP", "£5"],
    [5, "currencySEK", "5 kr"],
    [12_345.678, "locale", "12 345.678"],
    [12_345, "string", "12345"],
    [12_345, "sci", "1.23e+4"],
    [255, "hex", "FF"],
    [255, "hex0x", "0xFF"],
    [3, "suffix:cats", "3 cats"],
    [1500, "suffix:cats", "1 500 cats"],
    [3, "prefix:#", "#3"],
    [1500, "count:cats", "1.5 K cats"],
    [1500, "si:mV", "1.5 V"],
    [1500, "si:V", "1.5 kV"],
    [3, "currency:C", "C3"],
    [3000, "connections", "3 K connections"],
    [1_772_359_205_000, "dateTimeAsIso", "2026-03-01 10:00:05"],
    [1_772_359_205_000, "dateTimeAsUS", "03/01/2026 10:00:05 am"],
    [1_772_359_205_000, "dateTimeAsSystem", "2026-03-01 10:00:05"],
    [1_772_359_205_000, "time:DD.MM.YY HH:mm", "01.03.26 10:00"],
    [1e300, "dateTimeAsIso", "1e+300"],
  ];
  it.each(cases)("%s in %s is %s", (value, unit, want) => expect(plain(formatValue(value, unit))).toBe(want));

  it("is in parts what it is as one text", () => {
    expect(formatParts(1234, "currencyUSD")).toEqual({ prefix: "$", text: "1.23", suffix: "K" });
    expect(formatParts(1536, "bytes")).toEqual({ prefix: "", text: "1.5", suffix: "KiB" });
    expect(formatParts(null, "bytes")).toEqual({ prefix: "", text: "–", suffix: "" });
  });

  it("of an age counts from the moment given", () => {
    expect(formatValue(1_000_000, "dateTimeFromNow", undefined, { now: 1_060_000 })).toBe("1 min ago");
    expect(formatValue(1_772_359_205_000, "dateTimeAsIso", undefined, { zone: "Asia/Tokyo" })).toBe("2026-03-01 19:00:05");
  });

  it("has the decimals asked for", () => {
    expect(plain(formatValue(1.2, "s", 3))).toBe("1.200 s");
    expect(plain(formatValue(1536, "bytes", 0))).toBe("2 KiB");
    expect(plain(formatValue(1234.5, "none", 2))).toBe("1 234.50");
    expect(plain(formatValue(-0.001, "short", 2))).toBe("0.00");
    expect(plain(formatValue(41 * 86_400 + 3 * 3600 + 120, "dtdurations", 2))).toBe("41 d 3 h 2 min");
    expect(plain(formatValue(1, "short", 500))).toBe("1.00000000000000000000");
    expect(plain(formatValue(1.5, "short", -3))).toBe("2");
  });
});

test("digits are grouped by thousands, the fraction left alone", () => {
  expect(plain(group(1234567.25))).toBe("1 234 567.25");
  expect(plain(group(-1234))).toBe("-1 234");
  expect(group(999)).toBe("999");
  expect(group(1e21)).toBe("1e+21");
});

test("far beyond the largest step a value is written in full", () => {
  expect(formatValue(Number.MAX_VALUE, "short")).toBe("1.80e+308");
  expect(formatValue(1.2e20, "short")).toBe("120\u202fE");
  expect(formatValue(-1e40, "bytes")).toBe("-1.00e+40\u202fB");
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
