import { newest, ratio, type Red } from "./red";

/** Why a service is worse than it should be, in words; empty if it is not. */
export function degradedBy(now: Red | undefined, before: Pick<Red, "rate" | "errors" | "p95"> | undefined, alerts: readonly string[]): string[] {
  const reasons = alerts.map((name) => `alert ${name} fires`);
  if (!now) return reasons;
  const failed = newest(ratio(now.errors, now.rate));
  const usual = before ? bound(ratio(before.errors, before.rate)) : undefined;
  // Half a percent of failed requests is noise, whatever yesterday was like.
  if (failed !== null && usual !== undefined && failed > usual + 0.005) reasons.push(`${percent(failed)} of requests fail; at this time yesterday up to ${percent(usual)} did`);
  const slow = newest(now.p95);
  const usualSlow = before ? bound(before.p95) : undefined;
  // A tenth more than the worst of yesterday, and 10 ms: buckets are no finer.
  if (slow !== null && usualSlow !== undefined && slow > usualSlow * 1.1 + 0.01) reasons.push(`p95 is ${millis(slow)}; at this time yesterday it was up to ${millis(usualSlow)}`);
  return reasons;
}

/** The median and three median deviations: what a value seldom exceeds. Undefined for less than ten values. */
export function bound(course: readonly (number | null)[]): number | undefined {
  const values = course.filter((value): value is number => value !== null && Number.isFinite(value));
  if (values.length < 10) return undefined;
  const middle = median(values);
  // The deviation of a normal distribution is 1.4826 times the median one.
  return middle + 3 * 1.4826 * median(values.map((value) => Math.abs(value - middle)));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}

function percent(share: number): string {
  return `${(share * 100).toPrecision(2)} %`;
}

function millis(seconds: number): string {
  return seconds < 1 ? `${(seconds * 1000).toPrecision(3)} ms` : `${seconds.toPrecision(3)} s`;
}
