import { useEffect, useRef, useSyncExternalStore } from "react";

import type { Tabular } from "../lib/tabular";

const parts = new Map<symbol, () => Tabular>();
const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Offers what the calling component shows, to be taken along as a file; `read` is called when somebody does. */
export function useShown(read: () => Tabular): void {
  const latest = useRef(read);
  useEffect(() => {
    latest.current = read;
  });
  useEffect(() => {
    const owner = Symbol("shown");
    parts.set(owner, () => latest.current());
    changed();
    return () => {
      parts.delete(owner);
      changed();
    };
  }, []);
}

/** Whether anything on the page can be taken along. */
export function useAnyShown(): boolean {
  return useSyncExternalStore(subscribe, () => parts.size > 0);
}

/** What the page shows now and has rows, in the order in which it came. */
export function allShown(): Tabular[] {
  return [...parts.values()].map((read) => read()).filter(({ rows }) => rows.length > 0);
}
