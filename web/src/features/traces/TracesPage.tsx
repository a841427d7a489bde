import { Tabs } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";

import { Failure, Loading } from "../../components/status";
import { BeforeReach } from "../../components/time/BeforeReach";
import { useTime } from "../../components/time/TimeContext";
import { useUrlState, type SetUrlState } from "../../components/useUrlState";
import { tracePlace } from "../../lib/links";
import { boxConditions, narrowed, readBox, writeBox } from "../../lib/traceBox";
import { addCondition, isMetricsQuery, type Condition } from "../../lib/traceqlEdit";
import type { TraceRow } from "../../lib/traceRows";
import { group } from "../../lib/units";
import { MainChart } from "./MainChart";
import { NoTraces } from "./NoTraces";
import { RedStrip } from "./RedStrip";
import { SelectionBar } from "./SelectionBar";
import { MOST_DOTS, tracesState, type TracesState } from "./state";
import { TraceBar } from "./TraceBar";
import { TraceMetrics } from "./TraceMetrics";
import { TraceResults } from "./TraceResults";
import { useTraceSearch } from "./useTraceSearch";
import classes from "./traces.module.css";

const BreakdownTab = lazy(async () => ({ default: (await import("./BreakdownTab")).BreakdownTab }));
const CompareTab = lazy(async () => ({ default: (await import("./CompareTab")).CompareTab }));
const StructureTab = lazy(async () => ({ default: (await import("./StructureTab")).StructureTab }));

/** Explore traces: a TraceQL query, the health of the spans it selects, and the traces they belong to. */
export function TracesPage() {
  const [state, set] = useUrlState(tracesState);
  const { refresh } = useTime();
  const run = (q: string) => (q === state.q ? refresh() : set({ q }));
  return (
    <div className={classes.page}>
      <BeforeReach signal="spans" />
      {isMetricsQuery(state.q) ? (
        <>
          <TraceMetrics query={state.q} onRun={run} />
        </>
      ) : (
        <Search state={state} set={set} onRun={run} />
      )}
    </div>
  );
}

interface SearchProps {
  state: TracesState;
  set: SetUrlState<TracesState>;
  onRun(query: string): void;
}

function Search({ state, set, onRun }: SearchProps) {
  const { range } = useTime();
  const navigate = useNavigate();
  const box = useMemo(() => readBox(state.sel), [state.sel]);
  const all = useTraceSearch(state.q, range, Number(state.limit));
  // Single traces are drawn from all of the range, as far as there are not too many.
  const dots = useTraceSearch(state.q, range, MOST_DOTS, state.chart === "scatter" && state.red === "duration" && Number(state.limit) < MOST_DOTS);
  // What is selected on the chart is what the list and the structure are of.
  // On the page of errors they are of what failed.
  const failed = state.red === "errors" ? addCondition(state.q, { field: "status", op: "=", value: "error", quoted: false }) : state.q;
  const query = box ? narrowed(failed, boxConditions(box)) : failed;
  const time = useMemo(() => (box ? { from: box.from, to: box.to } : range), [box, range]);
  const narrower = box !== undefined || query !== state.q;
  const selected = useTraceSearch(query, time, Number(state.limit), narrower);
  const found = narrower ? selected : all;
  const open = (trace: TraceRow) => void navigate(tracePlace(trace.traceId, trace.firstMatch));
  const narrow = (conditions: readonly Condition[]) => onRun(conditions.reduce(addCondition, state.q));
  const filter = (condition: Condition) => narrow([condition]);

  return (
    <>
      <TraceBar query={state.q} refused={all.error ?? undefined} onRun={onRun} />
      {all.isError ? (
        <Failure error={all.error} retry={all.refetch} what="The search" />
      ) : (
        <>
          {!all.failing && <RedStrip query={state.q} enabled={all.isSuccess && !all.isPlaceholderData} red={state.red} onRed={(red) => set({ red })} />}
          {all.isPending ? (
            <Loading height={320} what="traces" asked={all.asked} />
          ) : all.data.traces.length === 0 && !all.data.searching ? (
            <NoTraces query={state.q} onRun={onRun} />
          ) : (
            <>
              <MainChart
                query={state.q}
                red={state.red}
                chart={state.chart}
                onChart={(chart) => set({ chart })}
                traces={dots.data?.traces ?? all.data.traces}
                onOpen={open}
                selected={box}
                onSelect={(next) => set({ sel: writeBox(next), tab: "compare", of: "" })}
              />
              {box && <SelectionBar query={state.q} box={box} onClear={() => set({ sel: "" })} onRun={(q) => set({ q, sel: "" })} />}
              <Tabs className={classes.tabs} value={state.tab} onChange={(tab) => set({ tab: (tab ?? "traces") as TracesState["tab"] })} keepMounted={false}>
                <Tabs.List>
                  <Tabs.Tab value="traces">{failed === state.q ? "Traces" : "Failed traces"} {found.data ? group(found.data.traces.length) : ""}</Tabs.Tab>
                  <Tabs.Tab value="breakdown">Breakdown</Tabs.Tab>
                  <Tabs.Tab value="compare">Compare</Tabs.Tab>
                  <Tabs.Tab value="structure">Structure</Tabs.Tab>
                </Tabs.List>
                <Tabs.Panel value="traces">
                  {found.isPending ? (
                    <Loading height={240} what="the selected traces" asked={found.asked} />
                  ) : found.isError ? (
                    <Failure error={found.error} retry={found.refetch} what="The search" />
                  ) : (
                    <TraceResults found={found.data} of={found} busy={found.isFetching} limit={state.limit} onLimit={(limit) => set({ limit })} onOpen={open} />
                  )}
                </Tabs.Panel>
                <Suspense fallback={<Loading height={240} what="this view" />}>
                  <Tabs.Panel value="breakdown">
                    <BreakdownTab query={box ? narrowed(state.q, boxConditions(box)) : state.q} range={time} by={state.by} red={state.red} onBy={(by) => set({ by })} onFilter={filter} />
                  </Tabs.Panel>
                  <Tabs.Panel value="compare">
                    <CompareTab query={state.q} of={state.of} red={state.red} box={box} apart={state.apart} onOf={(of) => set({ of })} onApart={(apart) => set({ apart })} onFilter={filter} onNarrow={narrow} />
                  </Tabs.Panel>
                  <Tabs.Panel value="structure">
                    <StructureTab query={query} range={time} onOperation={narrow} />
                  </Tabs.Panel>
                </Suspense>
              </Tabs>
            </>
          )}
        </>
      )}
    </>
  );
}
