/** The result of an action, in a sentence; `undo` takes it back. */
export interface Announcement {
  text: string;
  undo?: () => void;
}

let current: Announcement | null = null;
const listeners = new Set<() => void>();

/** Tells what an action has done, until the next one or for some seconds. */
export function announce(text: string, undo?: () => void): void {
  current = undo ? { text, undo } : { text };
  for (const listener of listeners) listener();
}

/** Takes the announcement away. */
export function dismiss(): void {
  current = null;
  for (const listener of listeners) listener();
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function announced(): Announcement | null {
  return current;
}
