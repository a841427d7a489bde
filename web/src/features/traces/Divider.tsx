import { useLocalStorage } from "@mantine/hooks";
import type { KeyboardEvent } from "react";

import classes from "./Waterfall.module.css";

const least = 140;
const most = 1200;
const step = 24;

/** How wide the column of names is, in pixels, as it was left; null for a share of the whole. */
export function useNamesWidth(): [width: number | null, set: (width: number | null) => void] {
  const [width, set] = useLocalStorage<number | null>({ key: "oriel.trace.names", defaultValue: null, getInitialValueInEffect: false, deserialize: (text) => Number(text) || null });
  return [typeof width === "number" && Number.isFinite(width) ? Math.min(Math.max(width, least), most) : null, set];
}

interface DividerProps {
  width: number | null;
  onWidth(width: number | null): void;
}

/** The edge of the column of names: dragged, or moved by arrow keys; a double click puts it back. */
export function Divider({ width, onWidth }: DividerProps) {
  const now = (element: Element): number => element.parentElement?.getBoundingClientRect().width ?? least;
  const set = (next: number): void => onWidth(Math.round(Math.min(Math.max(next, least), most)));
  const onKey = (event: KeyboardEvent<HTMLElement>): void => {
    const by = { ArrowLeft: -step, ArrowRight: step }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    // These keys fold rows elsewhere on the page.
    event.stopPropagation();
    set(now(event.currentTarget) + by);
  };
  return (
    // A separator that can be moved is a widget.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the names"
      aria-valuemin={least}
      aria-valuemax={most}
      aria-valuenow={width ?? least}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      title="Drag to make the names wider; double click to put it back"
      className={classes.divider}
      onKeyDown={onKey}
      onDoubleClick={() => onWidth(null)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture?.(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (event.buttons !== 1) return;
        const left = event.currentTarget.parentElement?.getBoundingClientRect().left ?? 0;
        set(event.clientX - left);
      }}
    />
  );
}
