import { absolute, type RawRange, type TimeRange } from "./time";

const hour = 3_600_000;
const steps: readonly [ms: number, text: string, words: string][] = [
  [6 * hour, "6h", "6 h"],
  [24 * hour, "24h", "24 h"],
  [168 * hour, "7d", "7 d"],
];

/** A range that ends where another does and reaches further back, with its name; undefined beyond a week. */
export function widerRange(raw: RawRange, range: TimeRange): { title: string; raw: RawRange; range: TimeRange } | undefined {
  const step = steps.find(([ms]) => ms > 1.5 * (range.to - range.from));
  if (!step) return undefined;
  const [ms, text, words] = step;
  const wide = { from: range.to - ms, to: range.to };
  return raw.to === "now" ? { title: `Last ${words}`, raw: { from: `now-${text}`, to: "now" }, range: wide } : { title: `${words} until then`, raw: absolute(wide), range: wide };
}
