import { useMemo, useState } from "react";

import { promExemplars, type Exemplar } from "../../api/sourceProm";
import { TimeSeries, type Dot } from "../../components/chart/TimeSeries";
import { CorrelateMenu } from "../../components/correlate/CorrelateMenu";
import { WhatIsDifferent } from "../../components/difference/WhatIsDifferent";
import { Notice } from "../../components/Notice";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useKeptQueries } from "../../components/useKeptQueries";
import { WaitingLine } from "../../components/Waiting";
import { summarise } from "../../lib/align";
import { fillMacros } from "../../lib/macros";
import type { TimeRange } from "../../lib/time";
import { group } from "../../lib/units";
import { axisUnits, guessUnit, largest, paneSeries, type PaneSeries } from "./paneSeries";
import type { Pane } from "./panes";
import type { PaneData } from "./usePaneData";
import classes from "./metrics.module.css";

const height = 280;
// More lines than this are noise, and slow to hover.
const maxSeries = 100;
const maxDots = 300;

interface PaneGraphProps {
  pane: Pane;
  data: PaneData;
  /** Narrows the pane's queries to what has a label's value, or has it not. */
  onFilter: (name: string, op: "=" | "!=", value: string) => void;
  /** An exemplar was chosen: the id of its trace. */
  onTrace: (traceId: string) => void;
}

/** The answers of a pane's queries over the page's range, as one chart. */
export function PaneGraph({ pane, data, onFilter, onTrace }: PaneGraphProps) {
  const { range, zone, zoomTo } = useTime();
  const [all, setAll] = useState(false);
  const [region, setRegion] = useState<TimeRange | null>(null);
  const every = useMemo(() => paneSeries(data.answers), [data.answers]);
  const shown = useMemo(() => (all ? every : largest(every, maxSeries)), [every, all]);
  const { unit, rightUnit } = axisUnits(pane.unit, data.answers);
  const charted = useMemo(() => shown.map(({ chart, answer }) => ({ ...chart, right: rightUnit !== undefined && guessUnit(answer.query.text) === rightUnit })), [shown, rightUnit]);
  const { dots, traces } = useExemplars(pane, data, shown);

  const failed = data.answers.filter((answer) => answer.error);
  if (data.answers.every((answer) => answer.pending)) return <Loading as="chart" height={height} what="the chart" asked={data.asked} />;
  return (
    <div className={classes.answer} data-busy={data.answers.some((answer) => answer.busy) || undefined}>
      <WaitingLine of={data} />
      {failed.map((answer) => (
        <Failure key={answer.query.name} error={answer.error} retry={data.retry} what={`Query ${answer.query.name}`} />
      ))}
      {data.answers.flatMap((answer) => answer.notices.map((notice) => <Notice key={`${answer.query.name} ${notice}`}>{notice}</Notice>))}
      {shown.length < every.length && (
        <Notice action={{ label: "Show all", run: () => setAll(true) }}>
          {group(shown.length)} of {group(every.length)} series, those with the largest last value
        </Notice>
      )}
      {every.length === 0 && failed.length === 0 && (
        <Empty title="No data in this range" hint="The query is valid but selects nothing: widen the range, or check names and labels." height={height} />
      )}
      {every.length > 0 && (
        <TimeSeries
          label={data.answers.map((answer) => answer.query.text).join("; ")}
          series={charted}
          range={range}
          zone={zone}
          unit={unit}
          {...(rightUnit !== undefined && { rightUnit })}
          kind={pane.kind}
          log={pane.log}
          height={height}
          legend="table"
          dots={dots}
          onDot={({ id }) => onTrace(traces.get(id) ?? "")}
          onZoom={zoomTo}
          onSelect={setRegion}
          syncKey="metrics"
          seriesMenu={(index) => {
            const one = shown[index];
            return one && <CorrelateMenu label={`More about ${one.chart.name}`} subject={() => subjectOf(one, data.stepMs)} />;
          }}
        />
      )}
      {region && (
        <WhatIsDifferent
          region={region}
          query={data.answers[0]?.query.text ?? ""}
          labels={commonLabels(shown)}
          onFilter={onFilter}
          onZoom={() => {
            zoomTo(region);
            setRegion(null);
          }}
          onClose={() => setRegion(null)}
        />
      )}
    </div>
  );
}

/** A series as other signals are asked about it: at the time of its largest value. */
function subjectOf({ of, answer }: PaneSeries, stepMs: number) {
  const { max } = summarise(of.values);
  const at = of.values.findLastIndex((value) => value === max && max !== null);
  const seconds = of.times[at];
  return { kind: "series" as const, labels: of.labels, query: answer.query.text, stepMs, time: seconds === undefined ? undefined : seconds * 1000, value: max ?? undefined };
}

function commonLabels(series: readonly PaneSeries[]): Record<string, string> {
  const [first, ...rest] = series;
  return Object.fromEntries(Object.entries(first?.of.labels ?? {}).filter(([name, value]) => rest.every((one) => one.of.labels[name] === value)));
}

/** Exemplars of the queries on the chart, as dots; those off the scale of the values are left out. */
function useExemplars(pane: Pane, data: PaneData, shown: readonly PaneSeries[]): { dots: Dot[]; traces: Map<string, string> } {
  const { range, tick } = useTime();
  // Only what observes durations or sizes has any.
  // They are read off the axis at the left.
  const { unit, rightUnit } = axisUnits(pane.unit, data.answers);
  const queries = pane.exemplars ? data.answers.filter(({ query }) => !query.hidden && (rightUnit === undefined || guessUnit(query.text) === unit) && /_bucket|histogram_|_(?:seconds|latency|duration|bytes)\b/.test(query.text)) : [];
  const results = useKeptQueries(
    queries.map(({ query: { text } }) => ({
      question: text,
      queryKey: ["prom", "exemplars", text, range, tick],
      queryFn: ({ signal }) => promExemplars("", fillMacros(text, range, data.stepMs), range, signal),
      retry: false,
    })),
  );
  const stamp = results.map((one) => one.dataUpdatedAt).join();
  return useMemo(
    () => {
      const found = results.flatMap((one) => one.data ?? []);
      const top = Math.max(...shown.map((one) => summarise(one.of.values).max ?? 0), 0) * 1.5;
      const dots: Dot[] = [];
      const traces = new Map<string, string>();
      for (const one of thinned(found.filter((each) => each.value <= top && traceOf(each)))) {
        const id = `${one.time} ${one.value}`;
        dots.push({ time: one.time / 1000, value: one.value, id });
        traces.set(id, traceOf(one) ?? "");
      }
      return { dots, traces };
    },
    // `results` is another with every render.
    // oxlint-disable-next-line react/exhaustive-deps
    [stamp, shown],
  );
}

/** The largest of very many: the slow ones are what is looked for. */
function thinned(all: readonly Exemplar[]): readonly Exemplar[] {
  return all.length <= maxDots ? all : all.toSorted((a, b) => b.value - a.value).slice(0, maxDots);
}

function traceOf({ labels }: Exemplar): string | undefined {
  return labels.trace_id ?? labels.traceID ?? labels.traceId ?? labels.TraceID;
}
