import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";

import { RowScroll, tallest } from "../../lib/rowScroll";

// A scrollbar that is put right while a wheel still turns would stop it.
const restMs = 150;

interface Rows {
  /** Index of the first row to draw, and how many fit below it. */
  first: number;
  sight: number;
  /** Of the box, in pixels. */
  height: number;
  /** To be called when the box has been scrolled. */
  onScroll(): void;
  show(row: number): void;
}

/**
 * The rows of a box to draw in a list too high to be scrolled through by pixels; its content has to be `tallest` high.
 * Without `on` it does nothing. The last row can be on top where `tall` rows take more than `row` pixels.
 */
export function useRowScroll(box: RefObject<HTMLElement | null>, { on, rows, row, tall }: { on: boolean; rows: number; row: number; tall: boolean }): Rows {
  const [scroll] = useState(() => new RowScroll());
  const [first, setFirst] = useState(0);
  const [height, setHeight] = useState(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const settle = (): void => {
    const element = box.current;
    if (!element) return;
    element.scrollTop = scroll.place();
    scroll.placed(element.scrollTop);
    setFirst(scroll.first);
  };

  useLayoutEffect(() => {
    const element = box.current;
    if (!on || !element) return undefined;
    // The list has just become this high: what was in sight stays there.
    const from = element.scrollTop / row;
    setHeight(element.clientHeight);
    scroll.resize({ rows: Infinity, row, sight: 0, atEnd: 0, span: 1 });
    scroll.go(from);
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => {
      observer.disconnect();
      clearTimeout(timer.current);
    };
  }, [on, box, row, scroll]);

  const fit = Math.max(1, Math.floor(height / row));
  useLayoutEffect(() => {
    if (!on || height === 0) return;
    scroll.resize({ rows, row, sight: fit, atEnd: tall ? 1 : fit, span: tallest - height });
    settle();
    // `settle` is the same in all but name.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [on, rows, row, tall, fit, height, scroll]);

  useEffect(() => () => clearTimeout(timer.current), []);

  return {
    first,
    sight: fit,
    height,
    onScroll: () => {
      if (!on || !box.current) return;
      scroll.scrolled(box.current.scrollTop);
      setFirst(scroll.first);
      clearTimeout(timer.current);
      timer.current = setTimeout(settle, restMs);
    },
    show: (wanted) => {
      scroll.show(wanted);
      settle();
    },
  };
}
