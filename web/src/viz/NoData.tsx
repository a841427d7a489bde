import classes from "./viz.module.css";

/** In place of a drawing where there is nothing to draw. */
export function NoData({ children = "No data" }: { children?: string }) {
  return <div className={classes.none} data-nothing="">{children}</div>;
}
