import { useContext } from "react";

import { NoValue } from "./noValue";
import classes from "./viz.module.css";

/** In place of a drawing where there is nothing to draw: why, or else the panel's own words for that. */
export function NoData({ children }: { children?: string | undefined }) {
  const words = useContext(NoValue);
  return (
    <div className={classes.none} data-nothing="">
      {children ?? (words || "No data")}
    </div>
  );
}
