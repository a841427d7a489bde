import { useEffect, useRef, useSyncExternalStore } from "react";

/** Something that the page on show can do; the palette offers it. */
export interface PageAction {
  /** Unique on the page. */
  id: string;
  title: string;
  /** As the help writes them: "Shift R". */
  keys?: string;
  run: () => void;
}

const none: readonly PageAction[] = [];
const byOwner = new Map<symbol, readonly PageAction[]>();
const listeners = new Set<() => void>();
let all: readonly PageAction[] = none;

function changed(): void {
  all = [...byOwner.values()].flat();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Offers actions while the calling component is on the page. They are read anew when `ids` or titles change. */
export function usePageActions(actions: readonly PageAction[]): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  const names = actions.map(({ id, title }) => `${id}\0${title}`).join("\0\0");
  useEffect(() => {
    const owner = Symbol(names);
    byOwner.set(owner, latest.current.map((one, index) => ({ ...one, run: () => latest.current[index]?.run() })));
    changed();
    return () => {
      byOwner.delete(owner);
      changed();
    };
  }, [names]);
}

/** What the page on show can do. */
export function useOfferedActions(): readonly PageAction[] {
  return useSyncExternalStore(subscribe, () => all);
}
