import { Button, SegmentedControl } from "@mantine/core";
import { lazy, Suspense } from "react";
import IconPlus from "@tabler/icons-react/dist/esm/icons/IconPlus.mjs";

import { Loading } from "../../components/status";
import { BeforeReach } from "../../components/time/BeforeReach";
import { useKeys } from "../../components/useKeys";
import { useUrlState } from "../../components/useUrlState";
import { Browse } from "./Browse";
import { defaultQuery } from "./defaultQuery";
import { MetricList } from "./MetricList";
import { emptyPane, emptyQuery, isBrowsing, metricsState, queryName, readPanes, writePanes, type Pane } from "./panes";
import type { NamedQuery } from "./usePaneData";
import classes from "./metrics.module.css";

// Editor and grammar are wanted by queries alone.
const TraceDrawer = lazy(() => import("../../components/trace/TraceDrawer").then((loaded) => ({ default: loaded.TraceDrawer })));
const QueryPane = lazy(() => import("./QueryPane").then((loaded) => ({ default: loaded.QueryPane })));

/** Metrics: a list of what there is at the left, and either many small charts or a column of queries with theirs. */
export function MetricsPage() {
  const [state, set] = useUrlState(metricsState);
  const browsing = isBrowsing(state);
  return (
    <div className={classes.page}>
      {browsing ? <MetricList onChoose={(m) => set({ mode: "browse", m, by: "" })} onPrefix={(find) => set({ mode: "browse", find, m: "" }, { replace: true })} /> : <QueryList />}
      <div className={classes.panes}>
        <div className={classes.tools}>
          <SegmentedControl
            aria-label="Mode"
            data={[
              { value: "browse", label: "Browse" },
              { value: "query", label: "Query" },
            ]}
            value={browsing ? "browse" : "query"}
            onChange={(mode) => set({ mode })}
          />
        </div>
        <BeforeReach signal="metrics" />
        {browsing ? <Browse state={state} set={set} onQuery={(query) => set({ mode: "query", ...writePanes([{ ...emptyPane, queries: [{ ...emptyQuery, text: query }] }]) })} /> : <Panes />}
      </div>
    </div>
  );
}

/** The list beside queries: a metric chosen from it is asked for in the last pane, in the way its type wants. */
function QueryList() {
  const [state, set] = useUrlState(metricsState);
  const panes = readPanes(state);
  return (
    <MetricList
      onChoose={(name, meta) => {
        const chosen = { ...emptyQuery, text: defaultQuery(name, meta) };
        const last = panes.length - 1;
        set({ mode: "query", ...writePanes(panes.map((pane, index) => (index === last ? { ...pane, queries: [...pane.queries.slice(0, -1), chosen] } : pane))) });
      }}
    />
  );
}

function Panes() {
  const [state, set] = useUrlState(metricsState);
  const panes = readPanes(state);
  const write = (next: readonly Pane[]): void => set({ mode: "query", ...writePanes(next) });
  const page = named(panes);
  useKeys((event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey) return undefined;
    const view = panes.some((pane) => pane.view === "table") ? "graph" : "table";
    return () => write(panes.map((pane) => ({ ...pane, view })));
  });
  return (
    <Suspense fallback={<Loading as="chart" height={320} what="queries" />}>
      {panes.map((pane, index) => (
        <QueryPane
          // Panes have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          key={index}
          pane={pane}
          queries={page[index] ?? []}
          page={page.flat()}
          onChange={(patch) => write(panes.map((one, at) => (at === index ? { ...one, ...patch } : one)))}
          onRemove={panes.length > 1 ? () => write(panes.toSpliced(index, 1)) : undefined}
          onTrace={(trace) => set({ trace })}
        />
      ))}
      <div>
        <Button variant="default" leftSection={<IconPlus size={14} />} onClick={() => write([...panes, emptyPane])}>
          Add a pane
        </Button>
      </div>
      <TraceDrawer traceId={state.trace} onClose={() => set({ trace: "" })} />
    </Suspense>
  );
}

/** The queries of each pane with their names. */
function named(panes: readonly Pane[]): NamedQuery[][] {
  let at = 0;
  return panes.map((pane) => pane.queries.map((query) => ({ ...query, name: queryName(at++) })));
}
