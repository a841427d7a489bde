import { useEffect, useSyncExternalStore } from "react";

let waiting = 0;
const listeners = new Set<() => void>();

function add(count: number): void {
  waiting += count;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Counts the calling component among what the page still waits for, while `waits`. */
export function useNoteLoading(waits: boolean): void {
  useEffect(() => {
    if (!waits) return undefined;
    add(1);
    return () => add(-1);
  }, [waits]);
}

/** Whether anything on the page shows that its first data is on its way. */
export function useLoading(): boolean {
  return useSyncExternalStore(subscribe, () => waiting > 0);
}
