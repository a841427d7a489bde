import { Progress, SegmentedControl } from "@mantine/core";
import { useState } from "react";

import { Notice } from "../../components/Notice";
import { Empty } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import type { AnswerState } from "../../components/useAnswer";
import { useListKeys } from "../../components/useListKeys";
import { WaitingLine } from "../../components/Waiting";
import type { TraceRow } from "../../lib/traceRows";
import { counted, group } from "../../lib/units";
import { LIMITS, type TracesState } from "./state";
import { TraceTable } from "./TraceTable";
import type { FoundTraces } from "./useTraceSearch";
import classes from "./traces.module.css";

interface TraceResultsProps {
  found: FoundTraces;
  of: AnswerState;
  busy: boolean;
  limit: TracesState["limit"];
  onLimit(limit: TracesState["limit"]): void;
  onOpen(trace: TraceRow): void;
}

/** The traces found, with the keys that go through them. */
export function TraceResults({ found: { traces, searching }, of, busy, limit, onLimit, onOpen }: TraceResultsProps) {
  const { zone } = useTime();
  const [active, setActive] = useState("");
  useListKeys({
    onMove: (by) => {
      const at = traces.findIndex((trace) => trace.traceId === active);
      const next = traces[at < 0 ? 0 : Math.min(Math.max(at + by, 0), traces.length - 1)];
      if (next) setActive(next.traceId);
    },
    onOpen: () => {
      const trace = traces.find((one) => one.traceId === active);
      if (trace) onOpen(trace);
    },
    onClose: () => setActive(""),
    onCopy: () => (active === "" ? undefined : { text: active, what: "Trace id" }),
  });
  const cut = !searching && traces.length >= Number(limit);
  return (
    <section aria-busy={busy} aria-label="Traces found">
      <div className={classes.tabBar}>
        <span role="status">
          {searching
            ? `${group(traces.length)} found so far`
            : cut
              ? `${group(traces.length)} traces, as many as asked for: raise the limit or narrow the query for others`
              : counted(traces.length, "trace")}
        </span>
        <WaitingLine of={of} />
        <SegmentedControl size="xs" aria-label="Limit" value={limit} onChange={(value) => onLimit(value as TracesState["limit"])} data={[...LIMITS]} />
      </div>
      {of.failure && <Notice action={{ label: "Try again", run: () => void of.refetch() }}>No newer traces: {of.failure.message}</Notice>}
      {searching && <Progress size={2} radius={0} value={100} animated aria-label="Searching" />}
      {traces.length === 0 ? searching ? null : <Empty title="No such traces in the range or selection" height={160} /> : <TraceTable traces={traces} zone={zone} active={active} onOpen={onOpen} />}
    </section>
  );
}
