import type { ReactNode } from "react";

import classes from "./Notice.module.css";

/** One line about what is shown: a limit that cut it, a part that is missing; with a way on. */
export function Notice({ children, action }: { children: ReactNode; action?: { label: string; run: () => void } }) {
  return (
    <div className={classes.notice} role="note">
      <span>{children}</span>
      {action && (
        <button type="button" className={classes.action} onClick={action.run}>
          {action.label}
        </button>
      )}
    </div>
  );
}
