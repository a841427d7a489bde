import "@testing-library/jest-dom/vitest";
import { afterAll, vi } from "vitest";

// What a test has begun to load is loaded before what it runs in is gone.
afterAll(() => vi.dynamicImportSettled());

// jsdom lacks what Mantine and uPlot ask of a browser.
if (typeof window !== "undefined") {
  window.matchMedia ??= (query: string): MediaQueryList => ({
    matches: false,
    media: query,
    onchange: null,
    addEventListener: () => {},
    removeEventListener: () => {},
    addListener: () => {},
    removeListener: () => {},
    dispatchEvent: () => false,
  });
  window.ResizeObserver ??= class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  };
  Element.prototype.scrollIntoView ??= () => {};
}
