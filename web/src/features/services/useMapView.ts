import { useCallback, useEffect, useLayoutEffect, useRef, useState, type PointerEvent, type RefObject } from "react";

const zoomStep = 1.25;
const largest = 2;
// Shorter moves of the pointer are clicks.
const still = 4;

/** What of a picture is in sight, in its own units. */
export interface Sight {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface MapView {
  scale: number;
  sight: Sight | undefined;
  /** Zooms by steps around the middle. */
  zoom(steps: number): void;
  /** Back to the scale at first, or to a scale. */
  fit(scale: number): void;
  /** Puts a point of the picture into the middle. */
  show(x: number, y: number): void;
  /** For the element that scrolls. */
  pan: { onPointerDown(event: PointerEvent): void; onPointerMove(event: PointerEvent): void; onPointerUp(event: PointerEvent): void; onScroll(): void };
}

/**
 * Moves and zooms a picture within an element that scrolls; `first` and `least` are the scales it begins with and can be shrunk
 * to. Whenever `view` is another one, it begins at the left, half way down.
 */
export function useMapView(scroller: RefObject<HTMLDivElement | null>, view: string, first: number, least: number): MapView {
  const [chosen, setChosen] = useState<number>();
  const [sight, setSight] = useState<Sight>();
  const scale = chosen ?? first;
  // A point of the picture, and where in the element it is to stay when the scale changes.
  const anchor = useRef<{ x: number; y: number; left: number; top: number }>(undefined);
  const drag = useRef<{ x: number; y: number; left: number; top: number; moved: boolean }>(undefined);

  const look = useCallback(() => {
    const box = scroller.current;
    if (box) setSight({ x: box.scrollLeft / scale, y: box.scrollTop / scale, width: box.clientWidth / scale, height: box.clientHeight / scale });
  }, [scroller, scale]);

  useLayoutEffect(() => {
    const box = scroller.current;
    if (box && anchor.current) {
      box.scrollLeft = anchor.current.x * scale - anchor.current.left;
      box.scrollTop = anchor.current.y * scale - anchor.current.top;
      anchor.current = undefined;
    }
    look();
  }, [scroller, scale, look]);

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    box.scrollLeft = 0;
    box.scrollTop = (box.scrollHeight - box.clientHeight) / 2;
  }, [scroller, view, first]);

  const zoomAt = useCallback(
    (steps: number, left?: number, top?: number) => {
      const box = scroller.current;
      const at = { left: left ?? (box?.clientWidth ?? 0) / 2, top: top ?? (box?.clientHeight ?? 0) / 2 };
      if (box) anchor.current = { x: (box.scrollLeft + at.left) / scale, y: (box.scrollTop + at.top) / scale, ...at };
      setChosen(Math.min(Math.max(scale * zoomStep ** steps, least), largest));
    },
    [scroller, scale, least],
  );

  // React's own wheel listeners are passive, and the page would be zoomed too.
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const bounds = box.getBoundingClientRect();
      zoomAt(-Math.sign(event.deltaY), event.clientX - bounds.left, event.clientY - bounds.top);
    };
    box.addEventListener("wheel", onWheel, { passive: false });
    return () => box.removeEventListener("wheel", onWheel);
  }, [scroller, zoomAt]);

  return {
    scale,
    sight,
    zoom: zoomAt,
    fit: setChosen,
    show: (x, y) => {
      const box = scroller.current;
      if (!box) return;
      box.scrollLeft = x * scale - box.clientWidth / 2;
      box.scrollTop = y * scale - box.clientHeight / 2;
    },
    pan: {
      onPointerDown: (event) => {
        const box = scroller.current;
        if (box && event.button === 0 && event.pointerType !== "touch") drag.current = { x: event.clientX, y: event.clientY, left: box.scrollLeft, top: box.scrollTop, moved: false };
      },
      onPointerMove: (event) => {
        const box = scroller.current;
        const from = drag.current;
        if (!box || !from) return;
        if (!from.moved && Math.hypot(event.clientX - from.x, event.clientY - from.y) < still) return;
        if (!from.moved) {
          from.moved = true;
          box.setPointerCapture(event.pointerId);
        }
        box.scrollLeft = from.left + from.x - event.clientX;
        box.scrollTop = from.top + from.y - event.clientY;
      },
      onPointerUp: () => {
        drag.current = undefined;
      },
      onScroll: look,
    },
  };
}
