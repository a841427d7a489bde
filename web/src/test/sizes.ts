import { vi } from "vitest";

/** Gives what is drawn a size, 1200 by 600 pixels, until globals are unstubbed: jsdom lays nothing out. */
export function stubSizes(): void {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      readonly #callback: ResizeObserverCallback;
      constructor(callback: ResizeObserverCallback) {
        this.#callback = callback;
      }
      observe(target: Element): void {
        const size = { borderBoxSize: [], contentRect: { x: 0, y: 0, width: 1200, height: 600, top: 0, left: 0, right: 1200, bottom: 600 } };
        queueMicrotask(() => this.#callback([{ target, ...size } as unknown as ResizeObserverEntry], this as unknown as ResizeObserver));
      }
      unobserve(): void {}
      disconnect(): void {}
    },
  );
}
