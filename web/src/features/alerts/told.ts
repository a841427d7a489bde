import type { Attempt } from "../../api/alertdesk";

/** How the newest try went to tell a receiver of an alert. */
export interface Telling {
  receiver: string;
  integration: string;
  /** Unix milliseconds. */
  at: number;
  delivered: boolean;
  /** What the receiver, or the way there, said to it. */
  error: string;
}

/** By alert, who was told of it last and how that went: one entry for each integration of a receiver. */
export function tellings(newestFirst: readonly Attempt[]): ReadonlyMap<string, readonly Telling[]> {
  const out = new Map<string, Telling[]>();
  for (const { receiver, integration, at, status, error = "", alerts } of newestFirst) {
    for (const fingerprint of alerts.firing) {
      const had = out.get(fingerprint) ?? [];
      if (had.some((one) => one.receiver === receiver && one.integration === integration)) continue;
      out.set(fingerprint, [...had, { receiver, integration, at: Date.parse(at), delivered: status === "delivered", error }]);
    }
  }
  return out;
}
