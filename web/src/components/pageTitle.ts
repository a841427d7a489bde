import { useEffect, useSyncExternalStore } from "react";

/** What the header and the browser's tab call a page whose name is known only from its data. */
export interface PageName {
  title: string;
  group: string;
}

const nameless: PageName = { title: "", group: "" };
let current = nameless;
const listeners = new Set<() => void>();

function set(name: PageName): void {
  current = name;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Names the page while the calling component is on it. */
export function usePageTitle(title: string, group: string): void {
  useEffect(() => {
    set({ title, group });
    return () => set(nameless);
  }, [title, group]);
}

/** The name that the page has given itself; empty when its path tells already. */
export function useGivenTitle(): PageName {
  return useSyncExternalStore(subscribe, () => current);
}
