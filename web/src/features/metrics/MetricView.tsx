import { Button, SegmentedControl, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { labelNames, labelValues, queryInstant, queryRange } from "../../api/prom";
import { KindSelect } from "../../components/chart/KindSelect";
import { TimeSeries, type ChartKind } from "../../components/chart/TimeSeries";
import { WhatIsDifferent } from "../../components/difference/WhatIsDifferent";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { summarise } from "../../lib/align";
import type { LabelFilter } from "../../lib/filterState";
import { fillMacros } from "../../lib/macros";
import { writeSelector } from "../../lib/promql/tree";
import { oddness } from "../../lib/shape";
import { pickStep } from "../../lib/step";
import type { TimeRange } from "../../lib/time";
import { counted, formatValue, group } from "../../lib/units";
import { browseQuery, familySelector, type Family } from "./defaultQuery";
import { browseSeries, browseUnit, Card } from "./MetricCard";
import { PaneHeatmap } from "./PaneHeatmap";
import type { BreakdownOrder } from "./panes";
import classes from "./metrics.module.css";

const points = 240;
const mostValues = 60;
// What a metric is broken down by first.
const preferred = ["service_name", "service", "job"];

interface MetricViewProps {
  family: Family;
  /** All metrics, to find those that belong to it. */
  families: readonly Family[];
  filters: readonly LabelFilter[];
  /** The label it is broken down by; "" is the first. */
  by: string;
  /** What its values are ranked by, and how all is drawn. */
  order: BreakdownOrder;
  kind: ChartKind;
  onOrder: (order: BreakdownOrder) => void;
  onKind: (kind: ChartKind) => void;
  onBy: (label: string) => void;
  onFilters: (filters: LabelFilter[]) => void;
  onMetric: (name: string) => void;
  onQuery: (query: string) => void;
}

/** One metric: its course, taken apart by each of its labels, and what is related to it. */
export function MetricView(props: MetricViewProps) {
  const { family, families, filters, by, order, kind, onOrder, onKind, onBy, onFilters, onMetric, onQuery } = props;
  const { range } = useTime();
  const selector = familySelector(family, filters);
  const labels = useQuery({
    queryKey: ["prom", "labels", selector, range],
    queryFn: ({ signal }) => labelNames(range, signal, selector),
  });
  const count = useAnswer(["prom", "count", selector], ({ signal }) => queryInstant(`count(${selector})`, range.to, signal));
  const names = (labels.data ?? []).filter((name) => name !== "__name__" && name !== "le" && name !== "quantile" && !filters.some((one) => one.name === name && one.op === "="));
  const chosen = names.includes(by) ? by : (preferred.find((name) => names.includes(name)) ?? names[0] ?? "");
  const add = (name: string, op: "=" | "!=", value: string): void => onFilters([...filters.filter((one) => one.name !== name), { name, op, value }]);
  return (
    <>
      <section className={classes.pane} aria-label={family.name}>
        <header className={classes.metricHead}>
          <h2>{family.name}</h2>
          <span className={classes.caption}>
            {family.kind}
            {family.meta?.unit ? ` in ${family.meta.unit}` : ""}
            {count.data?.[0] ? ` · ${group(count.data[0].value)} series` : ""}
          </span>
          <span className={classes.grow} />
          <KindSelect size="xs" value={kind} onChange={onKind} />
          <Button size="compact-sm" variant="default" onClick={() => onQuery(browseQuery(family, filters, chosen).query)}>
            Edit as a query
          </Button>
        </header>
        {family.meta?.help && <p className={classes.caption}>{family.meta.help}</p>}
        <MainChart family={family} filters={filters} kind={kind} onFilter={add} />
      </section>
      <section className={classes.pane} aria-label="Break down">
        {labels.isError ? (
          <Failure error={labels.error} retry={labels.refetch} what="Listing labels" />
        ) : names.length === 0 ? (
          <p className={classes.caption}>{labels.isPending ? "" : "No label is left to break it down by."}</p>
        ) : (
          <>
            <div className={classes.tools}>
              <span className={classes.caption}>Break down by</span>
              {names.length <= 8 ? <SegmentedControl size="xs" aria-label="Label" data={names} value={chosen} onChange={onBy} /> : <Select size="xs" aria-label="Label" searchable data={names} value={chosen} onChange={(name) => name && onBy(name)} />}
            </div>
            {chosen !== "" && <Breakdown key={`${family.name} ${chosen}`} family={family} filters={filters} label={chosen} order={order} kind={kind} onOrder={onOrder} onFilter={add} />}
          </>
        )}
      </section>
      <Related family={family} families={families} filters={filters} onMetric={onMetric} />
    </>
  );
}

interface ChartsProps {
  family: Family;
  filters: readonly LabelFilter[];
  kind: ChartKind;
  onFilter: (name: string, op: "=" | "!=", value: string) => void;
}

function MainChart({ family, filters, kind, onFilter }: ChartsProps) {
  const { range, zone, zoomTo } = useTime();
  const [region, setRegion] = useState<TimeRange | null>(null);
  const { query } = browseQuery(family, filters);
  const answer = useAnswer(["prom", "main", query], ({ signal }) => queryRange({ query: fillMacros(query, range, pickStep(range, points)), range, points }, signal));
  const series = useMemo(() => (answer.data?.series ?? []).map((one) => browseSeries(one, family)), [answer.data, family]);
  const buckets = family.classic ? writeSelector(`${family.name}_bucket`, filters) : `histogram_quantile(0.5, rate(${writeSelector(family.name, filters)}[$__rate_interval]))`;
  return (
    <>
      {family.kind === "histogram" && <PaneHeatmap query={buckets} title={family.name} unit={browseUnit(family)} />}
      {answer.isPending ? (
        <Loading as="chart" height={220} what="the chart" asked={answer.asked} />
      ) : answer.isError ? (
        <Failure error={answer.error} retry={answer.refetch} what="The query" />
      ) : series.length === 0 ? (
        <Empty title="No data in this range" height={220} />
      ) : (
        <TimeSeries label={family.name} series={series} range={range} zone={zone} unit={browseUnit(family)} kind={series.length > 1 ? "lines" : kind} height={220} legend={series.length > 1 ? "list" : "none"} onZoom={zoomTo} onSelect={setRegion} syncKey="metrics" />
      )}
      <p className={classes.ran}>
        Drag to zoom; Shift and drag to ask what is different. <code title={query}>{query}</code>
      </p>
      {region && (
        <WhatIsDifferent
          region={region}
          query={family.classic ? writeSelector(`${family.name}_bucket`, filters) : familySelector(family, filters)}
          labels={Object.fromEntries(filters.filter((one) => one.op === "=").map((one) => [one.name, one.value]))}
          onFilter={onFilter}
          onZoom={() => {
            zoomTo(region);
            setRegion(null);
          }}
          onClose={() => setRegion(null)}
        />
      )}
    </>
  );
}

interface BreakdownProps extends ChartsProps {
  label: string;
  order: BreakdownOrder;
  onOrder: (order: BreakdownOrder) => void;
}

function Breakdown({ family, filters, label, order, kind, onOrder, onFilter }: BreakdownProps) {
  const { range, zone, zoomTo } = useTime();
  // One query for all values, never one for each.
  const { query } = browseQuery(family, filters, label);
  const answer = useAnswer(["prom", "breakdown", query], ({ signal }) => queryRange({ query: fillMacros(query, range, pickStep(range, 120)), range, points: 120 }, signal));
  const ranked = useMemo(() => {
    const series = answer.data?.series ?? [];
    const odd = oddness(series.map((one) => one.values));
    const rows = series.map((one, index) => ({ one, value: one.labels[label] ?? "", odd: odd[index] ?? 0, last: summarise(one.values).mean ?? -Infinity }));
    if (order === "name") return rows.toSorted((a, b) => a.value.localeCompare(b.value, "en", { numeric: true }));
    return rows.toSorted((a, b) => (order === "different" ? b.odd - a.odd : b.last - a.last));
  }, [answer.data, label, order]);
  if (answer.isPending) return <Loading as="chart" height={140} what="the breakdown" asked={answer.asked} />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="The query" />;
  if (ranked.length === 0) return <Empty title="No data in this range" height={140} />;
  const unit = browseUnit(family);
  return (
    <>
      <div className={classes.tools}>
        <span className={classes.caption}>
          {ranked.length > mostValues ? `${mostValues} of ${group(ranked.length)} values` : counted(ranked.length, "value")}
        </span>
        <Select
          size="xs"
          w={160}
          aria-label="Order"
          data={[
            { value: "different", label: "Most different first" },
            { value: "largest", label: "Largest first" },
            { value: "name", label: "By name" },
          ]}
          value={order}
          onChange={(next) => onOrder(next ?? "different")}
        />
      </div>
      <div className={classes.grid} role="list" aria-label={`${family.name} by ${label}`}>
        {ranked.slice(0, mostValues).map(({ one, value }) => (
          <div key={value} role="listitem">
            <Card
              title={value === "" ? `without ${label}` : value}
              note={formatValue(summarise(one.values).last, unit)}
              onOpen={() => onFilter(label, "=", value)}
              actions={
                <Button size="compact-xs" variant="subtle" aria-label={`Without ${label} = ${value}`} onClick={() => onFilter(label, "!=", value)}>
                  not
                </Button>
              }
            >
              <TimeSeries label={`${label} ${value}`} series={[{ name: value === "" ? "–" : value, times: one.times, values: one.values }]} range={range} zone={zone} unit={unit} kind={kind} height={100} legend="none" onZoom={zoomTo} syncKey="browse" />
            </Card>
          </div>
        ))}
      </div>
    </>
  );
}

function Related({ family, families, filters, onMetric }: Pick<MetricViewProps, "family" | "families" | "filters" | "onMetric">) {
  const { range } = useTime();
  const selector = familySelector(family, filters);
  // What the metric's own series have in common with those of others: where they come from.
  const jobs = useQuery({ queryKey: ["prom", "values", "job", selector, range], queryFn: ({ signal }) => labelValues("job", range, signal, selector), staleTime: 60_000 });
  const job = jobs.data?.length === 1 ? jobs.data[0] : undefined;
  const sameJob = useQuery({
    queryKey: ["prom", "names", "job", job, range],
    enabled: job !== undefined,
    queryFn: ({ signal }) => labelValues("__name__", range, signal, writeSelector("", [{ name: "job", op: "=", value: job ?? "" }])),
    staleTime: 60_000,
  });
  const prefix = family.name.split(/[_.:]/).slice(0, 2).join("_");
  const alike = families.filter((one) => one.name !== family.name && one.name.replace(/[.:]/g, "_").startsWith(prefix)).slice(0, 24);
  const inJob = new Set(sameJob.data ?? []);
  const together = families.filter((one) => one.name !== family.name && !alike.includes(one) && (inJob.has(one.name) || inJob.has(`${one.name}_count`))).slice(0, 24);
  if (alike.length === 0 && together.length === 0) return null;
  const list = (title: string, members: readonly Family[]) =>
    members.length > 0 && (
      <>
        <h3 className={classes.relatedHead}>{title}</h3>
        <div className={classes.related}>
          {members.map((one) => (
            <Button key={one.name} size="compact-xs" variant="default" onClick={() => onMetric(one.name)}>
              {one.name}
            </Button>
          ))}
        </div>
      </>
    );
  return (
    <section className={classes.pane} aria-label="Related metrics">
      {list(`Also ${prefix}…`, alike)}
      {list(`Also from ${job ?? ""}`, together)}
    </section>
  );
}
