import { useCallback, useSyncExternalStore } from "react";

import { readPrefs, type Prefs } from "../lib/prefs";

const key = "oriel.prefs";
const listeners = new Set<() => void>();
let text: string | null = null;
let current: Prefs = readPrefs(null);

/** The preferences as they are now. The same object until one changes. */
export function prefsNow(): Prefs {
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(key);
  } catch {
    return current; // a browser that keeps nothing
  }
  if (stored !== text) {
    text = stored;
    current = readPrefs(stored);
  }
  return current;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // Other tabs of the same browser.
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

/** What this browser's user likes, and how to change it. */
export function usePrefs(): [Prefs, (patch: Partial<Prefs>) => void] {
  const prefs = useSyncExternalStore(subscribe, prefsNow);
  const change = useCallback((patch: Partial<Prefs>) => {
    try {
      localStorage.setItem(key, JSON.stringify({ ...prefsNow(), ...patch }));
    } catch {
      return; // nothing can be kept, so nothing changes
    }
    for (const listener of listeners) listener();
  }, []);
  return [prefs, change];
}
