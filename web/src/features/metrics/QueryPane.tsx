import { Button, SegmentedControl, Select, Switch } from "@mantine/core";
import IconPlus from "@tabler/icons-react/dist/esm/icons/IconPlus.mjs";

import { KindSelect } from "../../components/chart/KindSelect";
import { StepSelect } from "../../components/StepSelect";
import { Empty } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { addMatcher } from "../../lib/promql/build";
import { pickStep } from "../../lib/step";
import { PaneActions } from "./PaneActions";
import { PaneGraph } from "./PaneGraph";
import { PaneHeatmap } from "./PaneHeatmap";
import { boundUnit } from "./paneSeries";
import { emptyQuery, maxQueries, referencesIn, type Pane, type PaneQuery } from "./panes";
import { PaneTable } from "./PaneTable";
import { QueryRow } from "./QueryRow";
import { points, usePaneData, type NamedQuery } from "./usePaneData";
import classes from "./metrics.module.css";

const units = [
  { value: "auto", label: "Unit: auto" },
  { value: "short", label: "Number" },
  { value: "none", label: "Number in full" },
  { value: "s", label: "Seconds" },
  { value: "ms", label: "Milliseconds" },
  { value: "bytes", label: "Bytes (1024)" },
  { value: "decbytes", label: "Bytes (1000)" },
  { value: "Bps", label: "Bytes per second" },
  { value: "percentunit", label: "Percent (0 to 1)" },
  { value: "percent", label: "Percent (0 to 100)" },
  { value: "ops", label: "Operations per second" },
  { value: "reqps", label: "Requests per second" },
];

interface QueryPaneProps {
  pane: Pane;
  /** The pane's queries with their names. */
  queries: readonly NamedQuery[];
  /** Those of all panes: expressions may name any. */
  page: readonly NamedQuery[];
  onChange: (patch: Partial<Pane>) => void;
  onRemove: (() => void) | undefined;
  onTrace: (traceId: string) => void;
}

/** Queries, how to show them, and their answers in one chart. */
export function QueryPane({ pane, queries, page, onChange, onRemove, onTrace }: QueryPaneProps) {
  const data = usePaneData(queries, page, pane.step);
  const { range } = useTime();
  const put = (at: number, patch: Partial<PaneQuery>): void => onChange({ queries: pane.queries.map((query, index) => (index === at ? { ...query, ...patch } : query)) });
  const remove = (at: number): (() => void) | undefined => (pane.queries.length > 1 ? () => onChange({ queries: pane.queries.toSpliced(at, 1) }) : onRemove);
  const narrow = (name: string, op: "=" | "!=", value: string): void =>
    onChange({ queries: pane.queries.map((query) => (referencesIn(query.text) ? query : { ...query, text: addMatcher(query.text, { name, op, value }) })) });
  const first = queries.find((query) => query.text !== "" && !query.hidden);

  return (
    <section className={classes.pane} aria-label={`Pane with query ${queries.map((query) => query.name).join(", ")}`}>
      {queries.map((query, index) => (
        <QueryRow
          key={query.name}
          query={query}
          answer={data.answers.find((one) => one.query.name === query.name)}
          stepMs={data.stepMs}
          several={queries.length > 1}
          onChange={(patch) => put(index, patch)}
          onRemove={remove(index)}
        />
      ))}
      <div className={classes.tools}>
        <Button size="compact-xs" variant="default" leftSection={<IconPlus size={12} />} disabled={queries.length >= maxQueries} title="Another query, or an expression over others" onClick={() => onChange({ queries: [...pane.queries, emptyQuery] })}>
          Query
        </Button>
        <SegmentedControl
          aria-label="View"
          data={[
            { value: "graph", label: "Graph" },
            { value: "table", label: "Table" },
            { value: "heatmap", label: "Heatmap" },
          ]}
          value={pane.view}
          onChange={(view) => onChange({ view })}
        />
        {pane.view === "graph" && (
          <>
            <KindSelect size="xs" value={pane.kind} onChange={(kind) => onChange({ kind })} />
            <Switch label="log" checked={pane.log} onChange={(event) => onChange({ log: event.currentTarget.checked })} />
            <Switch label="exemplars" checked={pane.exemplars} onChange={(event) => onChange({ exemplars: event.currentTarget.checked })} />
          </>
        )}
        <Select size="xs" aria-label="Unit" w={140} data={unitChoices(pane.unit)} value={pane.unit} onChange={(unit) => onChange({ unit: unit ?? "auto" })} />
        <StepSelect size="xs" value={pane.step} autoMs={pickStep(range, points)} range={range} onChange={(step) => onChange({ step })} />
        <span className={classes.grow} />
        {first && <PaneActions pane={pane} data={data} />}
      </div>
      {!first ? (
        <Empty title="No query yet" hint="Type one above, or choose a metric at the left." />
      ) : data.refusal !== "" ? (
        <Empty title="Too many points" hint={data.refusal} />
      ) : pane.view === "graph" ? (
        <PaneGraph pane={pane} data={data} onFilter={narrow} onTrace={onTrace} />
      ) : pane.view === "table" ? (
        <PaneTable pane={pane} queries={queries} stepMs={data.stepMs} />
      ) : (
        <PaneHeatmap query={first.text} title={first.text} unit={pane.unit === "auto" ? boundUnit(first.text) : pane.unit} step={pane.step} />
      )}
    </section>
  );
}

/** The units on offer, with the one a link brought along. */
function unitChoices(current: string) {
  return units.some((unit) => unit.value === current) ? units : [...units, { value: current, label: current }];
}
