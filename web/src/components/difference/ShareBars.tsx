import { formatValue } from "../../lib/units";
import classes from "./ShareBars.module.css";

/** How much of a selection has something, above how much of the rest has it: shares of 1. */
export function ShareBars({ selection, baseline, atMost }: { selection: number; baseline: number; atMost?: "selection" | "baseline" | undefined }) {
  const told = (share: number, side: "selection" | "baseline"): string => `${atMost === side ? "≤ " : ""}${percent(share)}`;
  return (
    <span className={classes.bars} role="img" aria-label={`${told(selection, "selection")} of the selection, ${told(baseline, "baseline")} of the rest`}>
      <Bar share={selection} text={told(selection, "selection")} selected />
      <Bar share={baseline} text={told(baseline, "baseline")} />
    </span>
  );
}

const percent = (share: number): string => formatValue(share, "percentunit", 0);

function Bar({ share, text, selected = false }: { share: number; text: string; selected?: boolean }) {
  return (
    <span className={classes.bar}>
      <i data-selected={selected || undefined} style={{ width: `${Math.min(share, 1) * 100}%` }} />
      <span>{text}</span>
    </span>
  );
}
