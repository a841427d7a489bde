import { useId, type ReactNode } from "react";

import { Boundary } from "./Boundary";
import { Notice } from "./Notice";
import type { AnswerState } from "./useAnswer";
import { AskedContext, AsOf, Progress, Waiting } from "./Waiting";
import classes from "./Panel.module.css";

export interface PanelProps {
  title: ReactNode;
  /** At the right of the title: links, switches. */
  actions?: ReactNode;
  /** What it shows: it is dimmed while newer is on its way, which can be given up when that takes long, and says when it is old. */
  of?: AnswerState;
  /** True while newer data is on its way: the old stays, dimmed. */
  busy?: boolean;
  /** Without padding, for tables that reach the edges. */
  flush?: boolean;
  children: ReactNode;
}

const nothing: AnswerState["asked"] = [];

/** A titled box on the page. */
export function Panel({ title, actions, of, busy = of?.isPlaceholderData ?? false, flush = false, children }: PanelProps) {
  const heading = useId();
  return (
    <section className={classes.panel} aria-labelledby={heading} aria-busy={busy}>
      <header className={classes.header}>
        <h2 id={heading} className={classes.title} dir="auto">
          {title}
        </h2>
        {of && (
          <span className={classes.state}>
            {busy && <Waiting asked={of.asked} />}
            <AsOf at={of.at} failed={of.failure !== null} />
          </span>
        )}
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {of && busy && <Progress asked={of.asked} />}
      {of?.failure && <Notice action={{ label: "Try again", run: () => void of.refetch() }}>No newer answer: {of.failure.message}</Notice>}
      <div className={classes.body} data-flush={flush || undefined} data-busy={busy || undefined}>
        <AskedContext value={of?.asked ?? nothing}>
          <Boundary what={typeof title === "string" ? title : "this"}>{children}</Boundary>
        </AskedContext>
      </div>
    </section>
  );
}
