/** Where the pointer is on a time axis: milliseconds since 1970, or null when it left. */
type Listener = (time: number | null, from: number) => void;

const listeners = new Set<Listener>();

/** Tells the other panels of a dashboard where the pointer is; `from` is the panel it is over. One dashboard is open at a time. */
export function shareCrosshair(time: number | null, from: number): void {
  for (const listener of listeners) listener(time, from);
}

/** Calls `listener` when the pointer moves over any panel, its own too; the function it gives back ends that. */
export function onCrosshair(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
