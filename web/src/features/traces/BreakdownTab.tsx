import { ActionIcon, Select } from "@mantine/core";
import IconMinus from "@tabler/icons-react/dist/esm/icons/IconMinus.mjs";
import IconPlus from "@tabler/icons-react/dist/esm/icons/IconPlus.mjs";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { tagNames, traceMetrics, traceTotals, type TraceSeries } from "../../api/tempo";
import { Sparkline } from "../../components/Sparkline";
import { Empty, Failure, Loading } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import { useAnswer } from "../../components/useAnswer";
import { coverRange, pickStep, ratesUntil } from "../../lib/step";
import type { TimeRange } from "../../lib/time";
import { readConditions, type Condition } from "../../lib/traceqlEdit";
import { formatValue } from "../../lib/units";
import type { TracesState } from "./state";
import classes from "./traces.module.css";

const HEIGHT = 240;
const POINTS = 40;
const usual = ["resource.service.name", "name", "kind", "status", "resource.service.version", "resource.deployment.environment.name", "resource.cloud.availability_zone", "resource.k8s.pod.name", "span.http.route", "span.http.request.method", "span.http.response.status_code", "span.db.system.name"];
// What can be told of a span but does not group spans.
const ungrouped = /^(?:duration|traceDuration|nestedSet\w*|span:(?:id|parentID|duration|childCount)|trace:.*|statusMessage|.*:(?:timeSinceStart|traceID|spanID))$/;

interface BreakdownTabProps {
  query: string;
  /** Of the selection where there is one. */
  range: TimeRange;
  /** The attribute to break down by; empty for the one that says most. */
  by: string;
  red: TracesState["red"];
  onBy(attribute: string): void;
  onFilter(condition: Condition): void;
}

interface Group {
  value: string;
  bare: boolean;
  rate: number;
  errors: number;
  p95: number | undefined;
  /** Spans per second over time. */
  trend: (number | null)[];
}

/** Rate, errors and duration of spans for each value of an attribute. */
export function BreakdownTab({ query, range, by, red, onBy, onFilter }: BreakdownTabProps) {
  const attribute = by || (readConditions(query)?.some((one) => one.field === "resource.service.name" && one.op === "=") ? "name" : "resource.service.name");
  const names = useQuery({
    queryKey: ["traces", "names", range],
    queryFn: ({ signal }) => tagNames({ start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) }, signal),
  });
  const choices = useMemo(() => {
    const known = (names.data ?? []).filter((name) => !ungrouped.test(name) && !/^(?:event|link|instrumentation)\./.test(name));
    const first = usual.filter((name) => known.includes(name) || name === attribute);
    return [...new Set([...first, attribute, ...known.toSorted()])];
  }, [names.data, attribute]);
  const answer = useAnswer(["traces", "breakdown", query, attribute], ({ signal }) => breakDown(query, attribute, range, signal), { over: range });

  return (
    <div>
      <div className={classes.tabBar}>
        <Select size="xs" aria-label="Break down by" searchable allowDeselect={false} limit={200} w={320} data={choices} value={attribute} onChange={(value) => value && onBy(value)} />
        <span>rate, errors and duration for each value</span>
      </div>
      {answer.isPending ? (
        <Loading as="chart" height={HEIGHT} what="the breakdown" asked={answer.asked} />
      ) : answer.isError ? (
        <Failure error={answer.error} retry={answer.refetch} what="The breakdown" />
      ) : answer.data.length === 0 ? (
        <Empty title={`No span has ${attribute}`} height={HEIGHT} hint="Choose another attribute." />
      ) : (
        <Table
          key={red}
          label={`Spans by ${attribute}`}
          columns={columnsFor(attribute, answer.data, onFilter)}
          rows={answer.data}
          rowKey={(one) => one.value}
          initialSort={red === "duration" ? "-p95" : red === "errors" ? "-errors" : "-rate"}
          maxHeight={520}
        />
      )}
    </div>
  );
}

async function breakDown(query: string, attribute: string, range: TimeRange, signal: AbortSignal): Promise<Group[]> {
  const seconds = { start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) };
  const step = pickStep(range, POINTS);
  const aligned = coverRange(range, step);
  const by = `by (${attribute})`;
  const [counts, failed, p95, trends] = await Promise.all([
    traceTotals({ query: `${query} | count_over_time() ${by}`, ...seconds }, signal),
    traceTotals({ query: `${query} | { status = error } | count_over_time() ${by}`, ...seconds }, signal),
    traceTotals({ query: `${query} | quantile_over_time(duration, 0.95) ${by}`, ...seconds }, signal),
    traceMetrics({ query: `${query} | rate() ${by}`, start: aligned.from / 1000, end: aligned.to / 1000 }, step / 1000, signal),
  ]);
  const valueOf = (series: TraceSeries): string => Object.entries(series.labels).find(([name]) => name === attribute)?.[1] ?? Object.entries(series.labels).find(([name]) => name !== "p" && !name.startsWith("__"))?.[1] ?? "";
  const lookUp = (list: readonly TraceSeries[]) => new Map(list.map((series) => [valueOf(series), series]));
  const [failures, durations, courses] = [lookUp(failed), lookUp(p95), lookUp(trends)];
  const length = seconds.end - seconds.start;
  return counts.flatMap((series) => {
    const value = valueOf(series);
    const count = series.points[0]?.[1] ?? 0;
    // "nil" stands for spans without the attribute; it cannot be told from the text, which nobody uses.
    if (count === 0 || value === "nil") return [];
    return [
      {
        value,
        bare: series.bare?.includes(attribute) ?? false,
        rate: count / length,
        errors: (failures.get(value)?.points[0]?.[1] ?? 0) / count,
        p95: durations.get(value)?.points[0]?.[1],
        trend: ratesUntil(courses.get(value)?.points ?? [], step, range.to).map(([, rate]) => (Number.isFinite(rate) ? rate : null)),
      },
    ];
  });
}

function columnsFor(attribute: string, groups: readonly Group[], onFilter: BreakdownTabProps["onFilter"]): TableColumn<Group>[] {
  const slowest = groups.reduce((most, one) => Math.max(most, one.p95 ?? 0), 0) || 1;
  const unquoted = attribute === "kind" || attribute === "status";
  const condition = (one: Group, op: "=" | "!="): Condition => ({ field: attribute, op, value: one.value, quoted: !one.bare && !unquoted });
  return [
    {
      key: "value",
      header: attribute.replace(/^(?:resource|span)\./, ""),
      width: "minmax(200px, 2fr)",
      cell: (one) => <span title={one.value}>{one.value === "" ? <em>(empty)</em> : one.value}</span>,
      sort: (one) => one.value,
    },
    { key: "trend", header: "Over time", width: "110px", cell: (one) => <Sparkline values={one.trend} /> },
    { key: "rate", header: "Rate", align: "right", width: "110px", cell: (one) => formatValue(one.rate, "spans/s"), sort: (one) => one.rate },
    {
      key: "errors",
      header: "Failed",
      align: "right",
      width: "96px",
      cell: (one) => (one.errors > 0 ? <span className={classes.errors}>● {formatValue(one.errors, "percentunit")}</span> : "–"),
      sort: (one) => one.errors,
    },
    {
      key: "p95",
      header: "Duration p95",
      width: "minmax(140px, 1fr)",
      cell: (one) => (
        <span className={classes.duration}>
          <span className={classes.durationBar} style={{ width: `${((one.p95 ?? 0) / slowest) * 100}%` }} aria-hidden="true" />
          <span className={classes.durationText}>{formatValue(one.p95, "s")}</span>
        </span>
      ),
      sort: (one) => one.p95,
    },
    {
      key: "filter",
      header: "Filter",
      width: "64px",
      cell: (one) => (
        <>
          <ActionIcon size={24} variant="subtle" aria-label={`Only ${attribute} = ${one.value}`} onClick={() => onFilter(condition(one, "="))}>
            <IconPlus size={12} />
          </ActionIcon>
          <ActionIcon size={24} variant="subtle" aria-label={`Without ${attribute} = ${one.value}`} onClick={() => onFilter(condition(one, "!="))}>
            <IconMinus size={12} />
          </ActionIcon>
        </>
      ),
    },
  ];
}
