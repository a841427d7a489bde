/** Thin space: groups digits and parts a number from its unit without a line break. */
const thin = "\u202f";
const noValue = "–";

/** A ladder of prefixes: each step is `base` times the one before. */
interface Ladder {
  base: number;
  steps: readonly string[];
}

const short: Ladder = { base: 1000, steps: ["", "K", "M", "G", "T", "P"] };
const binaryBytes: Ladder = { base: 1024, steps: ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] };
const decimalBytes: Ladder = { base: 1000, steps: ["B", "kB", "MB", "GB", "TB", "PB", "EB"] };
const bits: Ladder = { base: 1000, steps: ["b", "kb", "Mb", "Gb", "Tb", "Pb"] };

const ladders: Record<string, { ladder: Ladder; suffix: string }> = {
  short: { ladder: short, suffix: "" },
  bytes: { ladder: binaryBytes, suffix: "" },
  decbytes: { ladder: decimalBytes, suffix: "" },
  bits: { ladder: bits, suffix: "" },
  binBps: { ladder: binaryBytes, suffix: "/s" },
  Bps: { ladder: decimalBytes, suffix: "/s" },
  bps: { ladder: bits, suffix: "/s" },
};

/** True for units whose prefixes are steps of 1024. */
export function isBinary(unit: string): boolean {
  return ladders[unit]?.ladder.base === 1024;
}

const rates: Record<string, string> = {
  ops: "ops/s",
  reqps: "req/s",
  rps: "reads/s",
  wps: "writes/s",
  iops: "io/s",
  cps: "/s",
  pps: "packets/s",
  mps: "msg/s",
  eps: "events/s",
  opm: "ops/min",
  rpm: "reads/min",
};

const secondsPer: Record<string, number> = { ns: 1e-9, "µs": 1e-6, us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400 };

/** Text for a value in `unit`, Grafana's id of it; an unknown unit is a suffix. `decimals` overrides three significant digits. */
export function formatValue(value: number | null | undefined, unit = "short", decimals?: number): string {
  if (value === null || value === undefined || Number.isNaN(value)) return noValue;
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const scale = secondsPer[unit];
  if (scale !== undefined) return duration(value * scale, decimals);
  const prefixed = ladders[unit];
  if (prefixed) return climb(value, prefixed.ladder, decimals, prefixed.suffix);
  switch (unit) {
    case "none":
      return group(value, decimals);
    case "percent":
      return join(digits(value, decimals), "%");
    case "percentunit":
      return join(digits(value * 100, decimals), "%");
    case "bool":
      return value === 0 ? "false" : "true";
  }
  return climb(value, short, decimals, rates[unit] ?? unit, true);
}

function climb(value: number, ladder: Ladder, decimals: number | undefined, suffix: string, space = false): string {
  let step = 0;
  let scaled = value;
  // 999.6 would be written as 1000: it already belongs to the next step.
  while ((Math.abs(scaled) >= ladder.base || Math.abs(Number(scaled.toPrecision(3))) >= ladder.base) && step < ladder.steps.length - 1) {
    scaled /= ladder.base;
    step++;
  }
  const prefix = ladder.steps[step] ?? "";
  if (space) return join(digits(scaled, decimals) + (prefix && thin + prefix), suffix);
  return join(digits(scaled, decimals), prefix + suffix);
}

function join(number: string, unit: string): string {
  return unit === "" ? number : `${number}${thin}${unit}`;
}

/** Three significant digits without trailing zeros, whole numbers whole; tiny values in scientific form. */
function digits(value: number, decimals?: number): string {
  if (decimals !== undefined) return value.toFixed(decimals);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-4) return value.toExponential(2).replace(/\.?0+e/, "e");
  if (size >= 1e6) return value.toExponential(2);
  if (size >= 1000) return group(value, 0);
  return String(Number(value.toPrecision(3)));
}

/** A number in full, its thousands grouped by thin spaces. */
export function group(value: number, decimals?: number): string {
  const text = decimals === undefined ? String(Number(value.toPrecision(12))) : value.toFixed(decimals);
  if (text.includes("e")) return text;
  const [whole = "", fraction] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, thin);
  return fraction ? `${grouped}.${fraction}` : grouped;
}

const spans: [seconds: number, unit: string][] = [
  [1e-9, "ns"],
  [1e-6, "µs"],
  [1e-3, "ms"],
  [1, "s"],
  [60, "min"],
  [3600, "h"],
  [86_400, "d"],
];

/** A span of `seconds` in the unit that keeps it readable: `1.24 s`, `831 µs`, `2.5 h`. */
function duration(seconds: number, decimals?: number): string {
  if (seconds === 0) return join("0", "s");
  const size = Math.abs(Number(seconds.toPrecision(3)));
  let chosen = spans[0] ?? [1, "s"];
  for (const span of spans) if (size >= span[0] * (1 - 1e-12)) chosen = span;
  return join(digits(seconds / chosen[0], decimals), chosen[1]);
}

/** A span of nanoseconds, as spans and log entries have it. */
export function formatNanoSpan(nano: bigint | number | string): string {
  return duration(Number(nano) / 1e9);
}

/** The unit of a metric by the endings its name has by convention; "short" when none tells. */
export function unitOf(metric: string): string {
  const name = metric.replace(/_(total|sum|bucket|max|min)$/, "");
  if (name.endsWith("_seconds")) return "s";
  if (name.endsWith("_milliseconds")) return "ms";
  if (name.endsWith("_bytes")) return "bytes";
  if (name.endsWith("_ratio")) return "percentunit";
  if (name.endsWith("_percent")) return "percent";
  return "short";
}
