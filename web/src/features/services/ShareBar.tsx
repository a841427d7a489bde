import { formatValue } from "../../lib/units";
import classes from "./services.module.css";

/** A share of 1 as a number over a bar. */
export function ShareBar({ share }: { share: number | null }) {
  if (share === null) return "–";
  return (
    <span className={classes.share}>
      <span className={classes.shareBar} style={{ width: `${Math.min(share, 1) * 100}%` }} aria-hidden="true" />
      <span className={classes.shareText}>{formatValue(share, "percentunit", 1)}</span>
    </span>
  );
}
