import type { Received } from "../../api/onboarding";

/** What has come by some protocols since somebody began to look. */
export interface Arrival {
  state: "waiting" | "arrived" | "refused";
  /** Rows by signal. */
  rows: [signal: string, count: number][];
  /** Who sent them, as `job=node`, by signal, the last first; of a sender that gives no name there is nothing. */
  senders: ReadonlyMap<string, readonly string[]>;
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
  const senders = new Map<string, string[]>();
  for (const { protocol, signal, tenant, service, rows } of of(now?.senders)) {
    const had = before?.senders.find((one) => one.protocol === protocol && one.signal === signal && one.tenant === tenant && one.service === service)?.rows ?? 0;
    const name = `${signal === "metrics" ? "job" : "service"}=${service}`;
    const known = senders.get(signal) ?? [];
    if (rows > had && !known.includes(name)) senders.set(signal, [...known, name]);
  }
  const refusals = of(now?.rejections)
    .filter((row) => row.rows > (before?.rejections.find((one) => one.protocol === row.protocol && one.signal === row.signal && one.reason === row.reason)?.rows ?? 0))
    .toSorted((a, b) => b.last.localeCompare(a.last));
  const [refusal] = refusals;
  return {
    state: grown.length > 0 ? "arrived" : refusal ? "refused" : "waiting",
    rows: [...bySignal],
    senders,
    last: Math.max(0, ...grown.map(({ last }) => Date.parse(last))),
    refusal: refusal ? `${refusal.reason}: ${refusal.example}` : "",
  };
}
