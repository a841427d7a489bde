import { Portal } from "@mantine/core";
import type { ReactNode } from "react";

import classes from "./viz.module.css";

/** A place in the window, pixels. */
export interface Spot {
  x: number;
  y: number;
}

interface HoverCardProps {
  at: Spot;
  /** A card that stays can be used with the pointer. */
  pinned?: boolean;
  children: ReactNode;
}

const gap = 14;

/** What is under the pointer, beside it and above everything, so that a small panel does not cut it. */
export function HoverCard({ at, pinned = false, children }: HoverCardProps) {
  const { innerWidth, innerHeight } = window;
  const left = at.x > innerWidth * 0.6;
  const above = at.y > innerHeight * 0.6;
  const style = {
    ...(left ? { right: innerWidth - at.x + gap } : { left: at.x + gap }),
    ...(above ? { bottom: Math.max(innerHeight - at.y - gap, 4) } : { top: Math.max(at.y - gap, 4) }),
    maxHeight: above ? at.y : innerHeight - at.y,
  };
  return (
    <Portal>
      <div className={classes.card} data-pinned={pinned || undefined} style={style}>
        {children}
      </div>
    </Portal>
  );
}

/** A line of a hover card: what it is, and its value. */
export function CardRow({ mark, name, value, strong = false }: { mark?: ReactNode; name: ReactNode; value: ReactNode; strong?: boolean }) {
  return (
    <div className={classes.cardRow} data-strong={strong || undefined}>
      {mark}
      <span className={classes.cardName}>{name}</span>
      <span className={classes.cardValue}>{value}</span>
    </div>
  );
}

/** A square in a series' colour. */
export function Mark({ colour }: { colour: string }) {
  return <span className={classes.mark} style={{ background: colour }} aria-hidden="true" />;
}
