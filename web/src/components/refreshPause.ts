import { useEffect, useSyncExternalStore } from "react";

const reasons = new Map<symbol, string>();
const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Holds back the refreshing of the page while `active`, and says why: a panel is edited, a tooltip is pinned. */
export function usePauseRefresh(active: boolean, reason: string): void {
  useEffect(() => {
    if (!active) return undefined;
    const owner = Symbol(reason);
    reasons.set(owner, reason);
    changed();
    return () => {
      reasons.delete(owner);
      changed();
    };
  }, [active, reason]);
}

/** Why the page does not refresh by itself now; "" if it does. */
export function usePauseReason(): string {
  return useSyncExternalStore(subscribe, () => reasons.values().next().value ?? "");
}
