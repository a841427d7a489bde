import { Button, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { searchTraces } from "../../api/tempo";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useListKeys } from "../../components/useListKeys";
import { useUrlState } from "../../components/useUrlState";
import { tracePlace } from "../../lib/links";
import { isMetricsQuery } from "../../lib/traceqlEdit";
import type { TraceRow } from "../../lib/traceRows";
import { group } from "../../lib/units";
import { RedStrip } from "./RedStrip";
import { LIMITS, tracesState, type TracesState } from "./state";
import { TraceBar } from "./TraceBar";
import { TraceMetrics } from "./TraceMetrics";
import { TraceScatter } from "./TraceScatter";
import { TraceTable } from "./TraceTable";
import classes from "./traces.module.css";

/** Explore traces: a TraceQL query, the health of the spans it selects, and the traces they belong to. */
export function TracesPage() {
  const [state, set] = useUrlState(tracesState);
  const { range, zone, tick, refresh } = useTime();
  const metrics = isMetricsQuery(state.q);
  const found = useQuery({
    queryKey: ["traces", "search", state.q, state.limit, range, tick],
    enabled: !metrics,
    queryFn: ({ signal }) => {
      const query = { query: state.q, start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) };
      return searchTraces(query, Number(state.limit), signal);
    },
  });
  const run = (q: string) => (q === state.q ? refresh() : set({ q }));

  return (
    <div className={classes.page}>
      <TraceBar query={state.q} refused={!metrics && found.isError} onRun={run} />
      {metrics ? (
        <TraceMetrics query={state.q} />
      ) : (
        <>
          {!found.isError && <RedStrip query={state.q} enabled={found.isSuccess && !found.isPlaceholderData} />}
          {found.isPending ? (
            <Loading height={320} what="traces" />
          ) : found.isError ? (
            <Failure error={found.error} retry={found.refetch} what="The search" />
          ) : found.data.length === 0 ? (
            <NoTraces query={state.q} onRun={run} />
          ) : (
            <Found traces={found.data} busy={found.isFetching} zone={zone} limit={state.limit} onLimit={(limit) => set({ limit })} />
          )}
        </>
      )}
    </div>
  );
}

interface FoundProps {
  traces: readonly TraceRow[];
  busy: boolean;
  zone: string;
  limit: TracesState["limit"];
  onLimit(limit: TracesState["limit"]): void;
}

function Found({ traces, busy, zone, limit, onLimit }: FoundProps) {
  const { range } = useTime();
  const navigate = useNavigate();
  const [active, setActive] = useState("");
  const open = (trace: TraceRow) => void navigate(tracePlace(trace.traceId, trace.firstMatch));
  useListKeys({
    onMove: (by) => {
      const at = traces.findIndex((trace) => trace.traceId === active);
      const next = traces[at < 0 ? 0 : Math.min(Math.max(at + by, 0), traces.length - 1)];
      if (next) setActive(next.traceId);
    },
    onOpen: () => {
      const trace = traces.find((one) => one.traceId === active);
      if (trace) open(trace);
    },
    onClose: () => setActive(""),
  });
  const cut = traces.length >= Number(limit);
  return (
    <Panel
      title={cut ? `${group(traces.length)} traces, as many as asked for` : `${group(traces.length)} ${traces.length === 1 ? "trace" : "traces"}`}
      busy={busy}
      flush
      actions={
        <>
          {cut && <span>there may be more: raise the limit or narrow the query</span>}
          <SegmentedControl aria-label="Limit" value={limit} onChange={(value) => onLimit(value as TracesState["limit"])} data={[...LIMITS]} />
        </>
      }
    >
      <TraceScatter traces={traces} range={range} zone={zone} onOpen={open} />
      <TraceTable traces={traces} zone={zone} active={active} onOpen={open} />
    </Panel>
  );
}

function NoTraces({ query, onRun }: { query: string; onRun(query: string): void }) {
  const { raw, setRange } = useTime();
  return (
    <Empty
      title="No traces match in this time range"
      height={320}
      hint={
        <div className={classes.ways}>
          {raw.from !== "now-24h" && (
            <Button variant="default" size="compact-xs" onClick={() => setRange({ from: "now-24h", to: "now" })}>
              Look at the last 24 hours
            </Button>
          )}
          {query !== "{}" ? (
            <Button variant="default" size="compact-xs" onClick={() => onRun("{}")}>
              Show all traces
            </Button>
          ) : (
            <span>
              Send some over OTLP: gRPC on port 4317, or HTTP to <code>/v1/traces</code>.
            </span>
          )}
        </div>
      }
    />
  );
}
