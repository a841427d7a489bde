import { parseDuration } from "../duration";

/** A duration of dashboards in milliseconds: `30s`, `1m`, `>10s` (at least), `1d`, `1M`, `500ms`; undefined when it is none. */
export function durationMs(text: string): number | undefined {
  const plain = text.trim().replace(/^>=?\s*/, "");
  const calendar = /^(\d+)\s*(M|y)$/.exec(plain);
  if (calendar) return Number(calendar[1]) * (calendar[2] === "M" ? 30 : 365) * 86_400_000;
  if (/^\d+$/.test(plain)) return Number(plain) * 1000;
  const nanos = parseDuration(plain);
  return nanos === undefined || !Number.isFinite(nanos) ? undefined : nanos / 1e6;
}
