import { useLocalStorage } from "@mantine/hooks";
import type { KeyboardEvent, PointerEvent, ReactNode } from "react";

import classes from "./drawerEdge.module.css";

const narrowest = 360;
const widest = 900;
const step = 20;

/** The width of what stands at the right of a page, in pixels, as it was left in this browser; and the edge that moves it. */
export function useDrawerWidth(): { width: number; edge: ReactNode } {
  const [width, setWidth] = useLocalStorage({ key: "oriel.drawer", defaultValue: 480, getInitialValueInEffect: false, deserialize: readWidth });
  const set = (wanted: number): void => setWidth(Math.round(Math.min(Math.max(wanted, narrowest), widest)));
  const edge = (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the detail"
      aria-valuenow={width}
      aria-valuemin={narrowest}
      aria-valuemax={widest}
      // A separator that moves takes the focus.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className={classes.edge}
      onPointerDown={(event: PointerEvent<HTMLDivElement>) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event: PointerEvent<HTMLDivElement>) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) set(window.innerWidth - event.clientX);
      }}
      onKeyDown={(event: KeyboardEvent) => {
        const by = { ArrowLeft: step, ArrowRight: -step, Home: widest, End: -widest }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        set(width + by);
      }}
    />
  );
  return { width, edge };
}

function readWidth(text: string | undefined): number {
  const width = Number(text);
  return width >= narrowest && width <= widest ? width : 480;
}
