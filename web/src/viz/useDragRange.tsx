import { useState, type MouseEvent, type ReactNode } from "react";

import type { PanelRange } from "./panel";
import classes from "./viz.module.css";

interface DragRange {
  handlers: {
    onMouseDown(event: MouseEvent<HTMLElement>): void;
    onMouseMove(event: MouseEvent<HTMLElement>): void;
    onMouseUp(event: MouseEvent<HTMLElement>): void;
  };
  /** What is marked so far. */
  selection: ReactNode;
}

/** Dragging over a drawing `width` pixels wide chooses a stretch of its time. */
export function useDragRange(range: PanelRange, width: number, onZoom: ((range: PanelRange) => void) | undefined): DragRange {
  const [marked, setMarked] = useState<{ from: number; to: number } | null>(null);
  const at = (event: MouseEvent<HTMLElement>): number => event.clientX - event.currentTarget.getBoundingClientRect().left;
  const time = (x: number): number => range.from + (Math.min(Math.max(x, 0), width) / width) * (range.to - range.from);
  return {
    handlers: {
      onMouseDown: (event) => {
        if (event.button === 0 && onZoom) setMarked({ from: at(event), to: at(event) });
      },
      onMouseMove: (event) => {
        if (marked) setMarked({ from: marked.from, to: at(event) });
      },
      onMouseUp: () => {
        setMarked(null);
        if (!marked || Math.abs(marked.to - marked.from) <= 4) return;
        onZoom?.({ from: time(Math.min(marked.from, marked.to)), to: time(Math.max(marked.from, marked.to)) });
      },
    },
    selection: marked && <div className={classes.selection} style={{ left: Math.min(marked.from, marked.to), width: Math.abs(marked.to - marked.from) }} />,
  };
}
