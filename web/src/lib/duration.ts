/** Nanoseconds per unit of the durations that LogQL and TraceQL accept. */
const UNITS: Record<string, number> = {
  ns: 1,
  us: 1e3,
  "µs": 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
  w: 604_800e9,
};

/** Reads a Go or Prometheus duration such as `1h30m`, `1.5s` or `250ms`; undefined when it is not one. Nanoseconds. */
export function parseDuration(text: string): number | undefined {
  const part = /(\d+(?:\.\d+)?|\.\d+)(ns|us|µs|ms|s|m|h|d|w)/y;
  const input = text.trim();
  let total = 0;
  while (part.lastIndex < input.length) {
    const match = part.exec(input);
    if (!match) return undefined;
    total += Number(match[1]) * (UNITS[match[2] ?? ""] ?? Number.NaN);
  }
  return input === "" ? undefined : total;
}
