/** Round values between `min` and `max`, about `count` of them; in steps of powers of two where `binary`. */
export function roundTicks(min: number, max: number, count: number, binary = false): number[] {
  if (!(max > min) || count < 1) return [min];
  const least = (max - min) / count;
  const step = binary ? 2 ** Math.ceil(Math.log2(least)) : roundStep(least);
  const ticks: number[] = [];
  for (let at = Math.ceil(min / step - 1e-9) * step; at <= max + step * 1e-9; at += step) ticks.push(Math.abs(at) < step * 1e-9 ? 0 : at);
  return ticks;
}

function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 2.5, 5].find((digit) => digit * power >= least * (1 - 1e-9)) ?? 10) * power;
}

// Lengths of time that clocks and calendars have, in seconds.
const spans = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000, 7_776_000, 31_536_000];

/** Times between two instants in milliseconds on whole spans of the clock of UTC, at most `count`; in Unix seconds. */
export function timeTicks(from: number, to: number, count: number): number[] {
  const least = (to - from) / 1000 / Math.max(count, 1);
  const step = spans.find((span) => span >= least) ?? Math.ceil(least / 31_536_000) * 31_536_000;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / 1000 / step) * step; at <= to / 1000; at += step) ticks.push(at);
  return ticks;
}
