import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import { queryRange, type MatrixSeries } from "../../api/prom";
import { ApiError } from "../../api/client";
import { TimeSeries, type ChartSeries } from "../../components/chart/TimeSeries";
import { Notice } from "../../components/Notice";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { summarise } from "../../lib/align";
import { seriesNames } from "../../lib/labels";
import { fillMacros } from "../../lib/macros";
import { pickStep } from "../../lib/step";
import { group, unitOf } from "../../lib/units";
import type { Pane } from "./panes";
import classes from "./metrics.module.css";

const points = 400;
const height = 280;
// More lines than this are noise, and slow to hover.
const maxSeries = 100;

interface PaneAnswerProps {
  pane: Pane;
  /** Called with the query when the server says it is wrong, and with "" when it answers. */
  onRefused: (query: string) => void;
}

/** The answer to a pane's query over the page's range, as a chart. */
export function PaneGraph({ pane, onRefused }: PaneAnswerProps) {
  const { range, zone, tick, zoomTo } = useTime();
  const [all, setAll] = useState(false);
  const answer = useQuery({
    queryKey: ["prom", "range", pane.query, range, tick],
    queryFn: ({ signal }) => queryRange({ query: fillMacros(pane.query, range, pickStep(range, points)), range, points }, signal),
  });
  useRefusal(answer.error, pane.query, onRefused);
  const series = useMemo(() => chartSeries(answer.data?.series ?? [], pane.query, all), [answer.data, pane.query, all]);

  if (answer.isPending) return <Loading height={height} what="the chart" />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="The query" />;
  const total = answer.data.series.length;
  if (total === 0) return <Empty title="No data in this range" hint="The query is valid but selects nothing: widen the range, or check names and labels." height={height} />;
  return (
    <div className={classes.answer} data-busy={answer.isPlaceholderData || undefined}>
      {answer.data.notices.map((notice) => (
        <Notice key={notice}>{notice}</Notice>
      ))}
      {series.length < total && (
        <Notice action={{ label: "Show all", run: () => setAll(true) }}>
          {group(series.length)} of {group(total)} series, those with the largest last value
        </Notice>
      )}
      <TimeSeries
        label={pane.query}
        series={series}
        range={range}
        zone={zone}
        unit={pane.unit === "auto" ? guessUnit(pane.query) : pane.unit}
        kind={pane.kind}
        height={height}
        legend="table"
        onZoom={zoomTo}
        syncKey="metrics"
      />
    </div>
  );
}

/** Tells the page whether the server refused the query itself (400), which is no failure of the server. */
export function useRefusal(error: unknown, query: string, onRefused: (query: string) => void): void {
  const refused = error instanceof ApiError && error.status === 400 ? query : "";
  useEffect(() => onRefused(refused), [refused, onRefused]);
}

function chartSeries(series: readonly MatrixSeries[], query: string, all: boolean): ChartSeries[] {
  const named = seriesNames(
    series.map((one) => one.labels),
    query,
  ).map((name, index) => ({ name, times: series[index]?.times ?? [], values: series[index]?.values ?? [] }));
  if (all || named.length <= maxSeries) return named;
  const last = named.map((one) => ({ one, value: summarise(one.values).last ?? -Infinity }));
  return last
    .toSorted((a, b) => b.value - a.value)
    .slice(0, maxSeries)
    .map(({ one }) => one);
}

/** The unit of a query's values as far as the metrics in it tell. */
export function guessUnit(query: string): string {
  const names = query.match(/[a-zA-Z_:][\w:]*(?=\s*[{[]|\s*$|\s*\))/g) ?? [];
  const unit = names.map(unitOf).find((one) => one !== "short") ?? "short";
  const rate = /\b(rate|irate|deriv)\s*\(/.test(query) && !/histogram_(quantile|avg)/.test(query) && !query.includes("/");
  if (!rate) return unit;
  // Bytes per second; seconds per second are a plain number.
  return unit === "bytes" ? "binBps" : "short";
}
