import { formatValue } from "../../lib/units";
import classes from "./ShareBars.module.css";

/** How much of a selection has something, above how much of the rest has it: shares of 1. */
export function ShareBars({ selection, baseline }: { selection: number; baseline: number }) {
  return (
    <span className={classes.bars} role="img" aria-label={`${percent(selection)} of the selection, ${percent(baseline)} of the rest`}>
      <Bar share={selection} selected />
      <Bar share={baseline} />
    </span>
  );
}

const percent = (share: number): string => formatValue(share, "percentunit", 0);

function Bar({ share, selected = false }: { share: number; selected?: boolean }) {
  return (
    <span className={classes.bar}>
      <i data-selected={selected || undefined} style={{ width: `${Math.min(share, 1) * 100}%` }} />
      <span>{percent(share)}</span>
    </span>
  );
}
