import { Link } from "@tanstack/react-router";
import { useMemo } from "react";

import { StateBadge } from "../../components/StateBadge";
import { useTime } from "../../components/time/TimeContext";
import { logsPlace } from "../../lib/links";
import { linesOfTrace } from "../../lib/logqlEdit";
import type { TimeRange } from "../../lib/time";
import { formatTime, nanoToMs } from "../../lib/timeFormat";
import { clockSkews } from "../../lib/traceSkew";
import type { TraceTree } from "../../lib/traceTree";
import { counted, formatNanoSpan, group } from "../../lib/units";
import { VersusPicker } from "./VersusPicker";
import classes from "./trace.module.css";

interface TraceHeadProps {
  id: string;
  tree: TraceTree;
  /** Why the trace may not be whole; empty if it is. */
  note: string;
  /** Where what belongs to the trace is looked for. */
  window: TimeRange;
  /** Id of the trace that this one is compared with; empty for none. */
  vs: string;
  onVersus(id: string): void;
}

/** What a trace is, in a line: its root, outcome, length and size, and what to be careful about. */
export function TraceHead({ id, tree, note, window, vs, onVersus }: TraceHeadProps) {
  const { zone } = useTime();
  const root = tree.roots[0] ?? tree.orphans[0];
  const skews = useMemo(() => clockSkews(tree), [tree]);
  const [worst] = skews;
  return (
    <header className={classes.summary}>
      <h2 className={classes.name}>
        <span className={classes.service}>{root?.span.service}</span> {root?.span.name}
      </h2>
      {tree.errors > 0 ? <StateBadge tone="error">{`${group(tree.errors)} failed`}</StateBadge> : <StateBadge tone="ok">ok</StateBadge>}
      <span className={classes.fact}>
        <strong>{formatNanoSpan(tree.duration)}</strong>
      </span>
      <span className={classes.fact}>
        {group(tree.nodes.length)} {tree.nodes.length === 1 ? "span" : "spans"} · {tree.services.length} {tree.services.length === 1 ? "service" : "services"} · depth {tree.depth}
      </span>
      <time className={classes.fact}>{formatTime(nanoToMs(tree.start), zone, true)}</time>
      <Link {...logsPlace(linesOfTrace(id), window)}>Logs of this trace</Link>
      {vs === "" && <VersusPicker id={id} root={root} onPick={onVersus} />}
      {note !== "" && <StateBadge tone="warn">{note}</StateBadge>}
      {worst && (
        <span
          className={classes.skew}
          title={skews.map((one) => `${one.service} as seen from ${one.caller}: ${counted(one.spans, "span")}, by up to ${formatNanoSpan(one.by)}`).join("\n")}
        >
          <StateBadge tone="warn">{`Clocks differ: ${worst.service} against ${worst.caller} by at least ${formatNanoSpan(worst.by)}`}</StateBadge>
          {skews.length > 1 && ` and ${skews.length - 1} more`}
        </span>
      )}
    </header>
  );
}
