import type { Stroke } from "../../lib/colour";
import classes from "./chart.module.css";

/** A short piece of a series' line, in its colour and dash. */
export function Swatch({ stroke }: { stroke: Stroke | undefined }) {
  return (
    <svg className={classes.swatch} width="14" height="8" viewBox="0 0 14 8" aria-hidden="true">
      <line x1="0" y1="4" x2="14" y2="4" stroke={stroke?.colour} strokeWidth="3" strokeDasharray={stroke?.dash.join(" ")} />
    </svg>
  );
}
