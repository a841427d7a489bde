import { Button, SegmentedControl, Select, useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";

import { queryLogs } from "../../api/loki";
import { TimeSeries } from "../../components/chart/TimeSeries";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { levelColour } from "../../lib/colour";
import { summariseFields } from "../../lib/logFields";
import { isLevelField, levelFromName, type LogLine } from "../../lib/logLines";
import type { Filter } from "../../lib/logqlEdit";
import { logFunctions, needsNumbers, readStat, statQuery, writeStat, type LogFunction, type LogStat } from "../../lib/logStats";
import { numberStats } from "../../lib/numberStats";
import { pickStep, stepText } from "../../lib/step";
import { msToNano } from "../../lib/timeFormat";
import { formatValue } from "../../lib/units";
import { LogCost } from "./LogCost";
import classes from "./logs.module.css";

const words: Record<LogFunction, string> = { count: "Number of lines", rate: "Lines per second", bytes: "Bytes", avg: "Mean", p95: "95th percentile", max: "Maximum", sum: "Sum" };
const most = 20;

interface StatsTabProps {
  query: string;
  /** `function.field.by` of the URL. */
  stat: string;
  /** A sample, to know the fields. */
  lines: readonly LogLine[];
  onStat: (stat: string) => void;
  onFilter: (filter: Filter) => void;
  onQuery: (query: string) => void;
}

/** Lines counted, or numbers in them computed with, by a field: over time, and the top values as bars. */
export function StatsTab({ query, stat: text, lines, onStat, onFilter, onQuery }: StatsTabProps) {
  const { range, zone, zoomTo } = useTime();
  const stat = readStat(text);
  const scheme = useComputedColorScheme("light");
  const fields = useMemo(() => summariseFields(lines.slice(0, 1000)), [lines]);
  const numeric = useMemo(() => fields.filter((field) => numberStats(field.values)).map((field) => field.name), [fields]);
  const step = pickStep(range, 60);
  const asked = statQuery(query, stat, fields, stepText(step));
  const aligned = { from: Math.floor(range.from / step) * step, to: Math.ceil(range.to / step) * step };
  const params = { query: asked ?? "", start: msToNano(aligned.from + step), end: msToNano(aligned.to) };
  const ask = ({ signal }: { signal: AbortSignal }) => queryLogs(params, { stepSeconds: step / 1000 }, signal);
  const answer = useAnswer(["logs", "stat", asked, step], ask, { enabled: asked !== undefined });
  const rows = useMemo(() => ranked(answer.data?.kind === "series" ? answer.data.series : [], stat), [answer.data, stat.fn, stat.by]); // oxlint-disable-line react/exhaustive-deps
  const put = (patch: Partial<LogStat>): void => onStat(writeStat({ ...stat, ...patch }));
  const names = [...new Set(["detected_level", "service_name", ...fields.map((field) => field.name)])];
  const unit = stat.fn === "bytes" ? "bytes" : "short";
  const bars = stat.fn === "count" || stat.fn === "bytes" || stat.fn === "sum";
  const top = rows[0]?.value ?? 0;
  return (
    <div className={classes.tabBody} data-stale={answer.isPlaceholderData || undefined}>
      <div className={classes.statTools}>
        <SegmentedControl className={classes.functions} size="xs" aria-label="What is computed" data={logFunctions.map((fn) => ({ value: fn, label: words[fn] }))} value={stat.fn} onChange={(fn) => put({ fn: fn as LogFunction, field: needsNumbers(fn as LogFunction) ? stat.field || (numeric[0] ?? "") : "" })} />
        {needsNumbers(stat.fn) && <Select size="xs" w={180} aria-label="Field with numbers" placeholder="of the field …" searchable data={[...new Set([...numeric, ...(stat.field === "" ? [] : [stat.field])])]} value={stat.field || null} onChange={(field) => put({ field: field ?? "" })} />}
        <Select size="xs" w={200} aria-label="Group by" placeholder="by …" searchable clearable data={names} value={stat.by || null} onChange={(by) => put({ by: by ?? "" })} />
        {asked && (
          <Button size="compact-xs" variant="default" onClick={() => onQuery(asked)}>
            Edit as a query
          </Button>
        )}
        {answer.data && <LogCost stats={answer.data.stats} params={{ ...params, step: step / 1000 }} />}
      </div>
      {asked === undefined ? (
        <Empty title="No field chosen" hint={numeric.length === 0 ? "No field of these lines has numbers." : "Choose the field whose numbers are meant."} height={240} />
      ) : answer.isPending ? (
        <Loading as="chart" height={240} what="the statistics" asked={answer.asked} />
      ) : answer.isError ? (
        <Failure error={answer.error} retry={answer.refetch} what="The query" />
      ) : rows.length === 0 ? (
        <Empty title="Nothing to compute with in this range" height={240} />
      ) : (
        <>
          <TimeSeries
            label={`${words[stat.fn]}${stat.by === "" ? "" : ` by ${stat.by}`}`}
            series={rows.slice(0, most).map(({ name, times, values }) => ({ name, times, values, ...(isLevelField(stat.by) ? { colour: levelColour(levelFromName(name), scheme) } : {}) }))}
            range={aligned}
            zone={zone}
            unit={unit}
            kind={bars ? "stackedBars" : "lines"}
            height={220}
            legend="none"
            onZoom={zoomTo}
          />
          <ol className={classes.topValues} aria-label="Top values">
            {rows.slice(0, most).map(({ name, value }) => (
              <li key={name}>
                <button type="button" disabled={stat.by === ""} title={stat.by === "" ? name : `Only ${stat.by} = ${name}`} onClick={() => onFilter({ origin: originOf(fields, stat.by), name: stat.by, op: "=", value: name, ...parserOf(fields, stat.by) })}>
                  {name}
                </button>
                <span className={classes.topBar}>
                  <i style={{ width: `${top > 0 ? (value / top) * 100 : 0}%` }} />
                </span>
                <span className={classes.topNumber}>{formatValue(value, unit)}</span>
              </li>
            ))}
          </ol>
          {rows.length > most && <p className={classes.status}>{rows.length - most} more values</p>}
        </>
      )}
    </div>
  );
}

function originOf(fields: ReturnType<typeof summariseFields>, name: string): Filter["origin"] {
  return fields.find((field) => field.name === name)?.origin ?? "metadata";
}

function parserOf(fields: ReturnType<typeof summariseFields>, name: string): Pick<Filter, "parser"> {
  const parser = fields.find((field) => field.name === name)?.parser;
  return parser ? { parser } : {};
}

interface StatRow {
  name: string;
  times: number[];
  values: number[];
  /** Over the whole range: a total of what adds up, else the mean or largest of the steps. */
  value: number;
}

function ranked(series: readonly { labels: Record<string, string>; points: [number, number][] }[], { fn, by }: LogStat): StatRow[] {
  return series
    .map(({ labels, points }): StatRow => {
      const values = points.map(([, value]) => value);
      const total = values.reduce((sum, value) => sum + value, 0);
      const value = fn === "count" || fn === "bytes" || fn === "sum" ? total : fn === "max" || fn === "p95" ? Math.max(...values) : total / Math.max(values.length, 1);
      return { name: by === "" ? "all lines" : labels[by] || `without ${by}`, times: points.map(([seconds]) => seconds), values, value };
    })
    .toSorted((a, b) => b.value - a.value);
}
