/** Seconds before each further attempt. */
const waits = [1, 2, 5, 15] as const;

/** How often something is tried again by itself. */
export const attempts = waits.length;

/** How long to wait before attempt `n` (from 0) is repeated, in milliseconds: as long as the server asked for, if that is longer. */
export function backoff(n: number, wanted = 0): number {
  return Math.max(waits[Math.min(n, waits.length - 1)] ?? 15, wanted) * 1000;
}

/** Whether an answer of that status (0 is none) may be another one soon: the server is away, has too much to do, or failed. */
export function passing(status: number): boolean {
  return [0, 429, 500, 502, 503].includes(status);
}
