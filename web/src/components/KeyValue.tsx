import type { ReactNode } from "react";

import classes from "./KeyValue.module.css";

/** One line of a KeyValue list. */
export interface Pair {
  key: string;
  value: ReactNode;
  /** Buttons at the end of the line: filter in, filter out, copy. */
  actions?: ReactNode;
}

/** Names and values below each other: attributes of a span, fields of a log line, facts about the server. */
export function KeyValue({ pairs, mono = true }: { pairs: readonly Pair[]; mono?: boolean }) {
  return (
    <dl className={classes.list} data-mono={mono || undefined}>
      {pairs.map((pair) => (
        <div key={pair.key} className={classes.pair}>
          <dt title={pair.key}>{pair.key}</dt>
          <dd>
            <span className={classes.value}>{pair.value}</span>
            {pair.actions && <span className={classes.actions}>{pair.actions}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
