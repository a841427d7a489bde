import type { MapEdge, Operation } from "../../api/services";

/** An operation, and which share it has of the time that operations of its kind take. */
export interface WeighedOperation extends Operation {
  /** 0 to 1; null where durations were not measured. */
  impact: number | null;
}

/** Operations with their impact: rate times mean duration. Kinds are apart, since the time of calls made is within that of those answered. */
export function weighOperations(operations: readonly Operation[]): WeighedOperation[] {
  const totals = new Map<string, number>();
  for (const one of operations) totals.set(one.kind, (totals.get(one.kind) ?? 0) + busy(one));
  return operations.map((one) => {
    const total = totals.get(one.kind) ?? 0;
    return { ...one, impact: one.mean === null || total === 0 ? null : busy(one) / total };
  });
}

/** A call that a service makes, and what it costs the calls that the service answers. */
export interface WeighedCall extends MapEdge {
  /** Seconds spent in it for each call answered; null where that is not known. */
  perCall: number | null;
  /** The same as a share of how long a call answered takes; more than 1 where calls run side by side. */
  share: number | null;
}

/** What a service spends its time waiting for: the calls it makes, against those it answers (`entries`). The dearest come first. */
export function weighCalls(edges: readonly MapEdge[], entries: readonly Operation[]): WeighedCall[] {
  const answered = entries.reduce((sum, one) => sum + one.rate, 0);
  const spent = entries.reduce((sum, one) => sum + busy(one), 0);
  return edges
    .map((edge): WeighedCall => {
      // Nobody waits for what takes a message from a queue.
      const waits = edge.mean !== null && edge.type !== "messaging_system";
      return { ...edge, perCall: waits && answered > 0 ? busy(edge) / answered : null, share: waits && spent > 0 ? busy(edge) / spent : null };
    })
    .toSorted((a, b) => (b.share ?? -1) - (a.share ?? -1));
}

/** Seconds spent in each second. */
function busy({ rate, mean }: { rate: number; mean: number | null }): number {
  return rate * (mean ?? 0);
}

/** The operations that a service answers; all of them where it answers none. */
export function entriesOf(operations: readonly Operation[]): Operation[] {
  const entries = operations.filter(({ kind }) => kind === "server" || kind === "consumer");
  return entries.length > 0 ? entries : [...operations];
}
