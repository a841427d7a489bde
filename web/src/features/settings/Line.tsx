import type { ReactNode } from "react";

import classes from "./settings.module.css";

/** A setting with its control. */
export function Line({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div className={classes.line}>
      <div>
        <div>{label}</div>
        {hint && <div className={classes.muted}>{hint}</div>}
      </div>
      <div className={classes.control}>{children}</div>
    </div>
  );
}
