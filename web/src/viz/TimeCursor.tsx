import { useEffect, useState } from "react";

import { onCrosshair } from "./crosshair";
import type { PanelRange } from "./panel";
import classes from "./viz.module.css";

/** The crosshair that another panel shares, as a line over a drawing whose width is `range`. */
export function TimeCursor({ id, range, shared }: { id: number; range: PanelRange; shared: 0 | 1 | 2 }) {
  const [time, setTime] = useState<number | null>(null);
  useEffect(() => {
    if (shared === 0) return undefined;
    return onCrosshair((at, from) => setTime(from === id ? null : at));
  }, [id, shared]);
  if (time === null || time < range.from || time > range.to) return null;
  return <div className={classes.cursor} style={{ left: `${((time - range.from) / (range.to - range.from)) * 100}%` }} />;
}
