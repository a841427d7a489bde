import { useCallback, useState, type RefCallback } from "react";
import { flushSync } from "react-dom";

interface Size {
  width: number;
  height: number;
}

const listeners = new Map<Element, (size: Size) => void>();
let observer: ResizeObserver | undefined;

// One observer for all boxes of a page.
function watch(element: Element, listener: (size: Size) => void): () => void {
  observer ??= new ResizeObserver((entries) => {
    // What has got a size is drawn in the frame that shows it, not in the one after.
    flushSync(() => {
      for (const { target, borderBoxSize, contentRect } of entries) {
        const [box] = borderBoxSize;
        listeners.get(target)?.(box ? { width: box.inlineSize, height: box.blockSize } : contentRect);
      }
    });
  });
  listeners.set(element, listener);
  observer.observe(element);
  return () => {
    observer?.unobserve(element);
    listeners.delete(element);
  };
}

/** The size of the element that gets `ref`, with its padding and border, in pixels; 0 before it has been laid out. */
export function useSize(): Size & { ref: RefCallback<Element> } {
  const [{ width, height }, setSize] = useState<Size>({ width: 0, height: 0 });
  const ref = useCallback((element: Element | null) => {
    if (!element) return undefined;
    return watch(element, (size) => setSize((before) => (before.width === size.width && before.height === size.height ? before : size)));
  }, []);
  return { ref, width, height };
}
