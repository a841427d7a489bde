import { useId, type ReactNode } from "react";

import classes from "./Panel.module.css";

export interface PanelProps {
  title: ReactNode;
  /** At the right of the title: links, switches. */
  actions?: ReactNode;
  /** True while newer data is on its way: the old stays, dimmed. */
  busy?: boolean;
  /** Without padding, for tables that reach the edges. */
  flush?: boolean;
  children: ReactNode;
}

/** A titled box on the page. */
export function Panel({ title, actions, busy = false, flush = false, children }: PanelProps) {
  const heading = useId();
  return (
    <section className={classes.panel} aria-labelledby={heading} aria-busy={busy}>
      <header className={classes.header}>
        <h2 id={heading} className={classes.title}>
          {title}
        </h2>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      <div className={classes.body} data-flush={flush || undefined} data-busy={busy || undefined}>
        {children}
      </div>
    </section>
  );
}
