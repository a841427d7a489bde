/** What keeps the page from asking: nobody is signed in, or who is may not. */
export interface Refused {
  status: 401 | 403;
  /** The server's words. */
  message: string;
}

let current: Refused | null = null;
const listeners = new Set<() => void>();

function set(next: Refused | null): void {
  current = next;
  for (const listener of listeners) listener();
}

/** Notes an answer of 401 or 403. Of several at once the first stays, and one that signing in helps with goes first. */
export function noteRefusal(status: number, message: string): void {
  if ((status !== 401 && status !== 403) || current?.status === 401) return;
  if (current === null || status === 401) set({ status, message });
}

/** Whoever reads it has done so. */
export function clearRefusal(): void {
  if (current !== null) set(null);
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function refused(): Refused | null {
  return current;
}
