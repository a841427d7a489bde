import type { Received } from "../../api/onboarding";

/** What has come by some protocols since somebody began to look. */
export interface Arrival {
  state: "waiting" | "arrived" | "refused";
  /** Rows by signal. */
  rows: [signal: string, count: number][];
  /** Unix milliseconds of the newest; 0 if there is none. */
  last: number;
  /** The newest refusal, in the server's words; "" if there is none. */
  refusal: string;
}

/** Compares what the server had received `before` with what it has `now`. */
export function arrivalOf(protocols: readonly string[], before: Received | undefined, now: Received | undefined): Arrival {
  const of = <T extends { protocol: string; signal: string; rows: number }>(rows: readonly T[] = []): T[] => rows.filter(({ protocol }) => protocols.includes(protocol));
  const grown = of(now?.accepted).flatMap((row) => {
    const had = before?.accepted.find((one) => one.protocol === row.protocol && one.signal === row.signal)?.rows ?? 0;
    return row.rows > had ? [{ ...row, rows: row.rows - had }] : [];
  });
  const bySignal = new Map<string, number>();
  for (const { signal, rows } of grown) bySignal.set(signal, (bySignal.get(signal) ?? 0) + rows);
  const refusals = of(now?.rejections)
    .filter((row) => row.rows > (before?.rejections.find((one) => one.protocol === row.protocol && one.signal === row.signal && one.reason === row.reason)?.rows ?? 0))
    .toSorted((a, b) => b.last.localeCompare(a.last));
  const [refusal] = refusals;
  return {
    state: grown.length > 0 ? "arrived" : refusal ? "refused" : "waiting",
    rows: [...bySignal],
    last: Math.max(0, ...grown.map(({ last }) => Date.parse(last))),
    refusal: refusal ? `${refusal.reason}: ${refusal.example}` : "",
  };
}
