import { Select } from "@mantine/core";
import { useState } from "react";

import { labelCosts, metricCosts, seriesLimits, unusedMetrics, type MetricCost, type MetricOrder } from "../../api/cardinality";
import { Notice } from "../../components/Notice";
import { Panel } from "../../components/Panel";
import { StatTile } from "../../components/StatTile";
import { Empty, Failure, Loading } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import { useTime } from "../../components/time/TimeContext";
import { useAnswerNow } from "../../components/useAnswerNow";
import { age, formatTime } from "../../lib/timeFormat";
import { counted, formatValue, group } from "../../lib/units";
import { MetricLabels } from "./MetricLabels";
import classes from "./data.module.css";

const orders: { value: MetricOrder; label: string }[] = [
  { value: "series", label: "Most series" },
  { value: "bytes", label: "Most bytes" },
  { value: "growth", label: "Growing most" },
  { value: "created_hour", label: "Most new series in an hour" },
  { value: "created_day", label: "Most new series in a day" },
];

/** What there are most series of, and what could be done without. */
export function MetricCardinality({ metric, onMetric }: { metric: string; onMetric: (metric: string) => void }) {
  const { zone } = useTime();
  const [order, setOrder] = useState<MetricOrder>("series");
  const metrics = useAnswerNow(["cardinality", "metrics", order], ({ signal }) => metricCosts(order, 200, signal));
  const labels = useAnswerNow(["cardinality", "labels"], ({ signal }) => labelCosts(undefined, 50, signal));
  const unused = useAnswerNow(["cardinality", "unused"], ({ signal }) => unusedMetrics(50, signal));
  const limits = useAnswerNow(["cardinality", "limits"], ({ signal }) => seriesLimits(signal));

  if (metrics.isPending) return <Loading height={320} what="cardinality" asked={metrics.asked} />;
  if (metrics.isError) return <Failure error={metrics.error} retry={metrics.refetch} what="Asking for cardinality" />;
  const { data } = metrics;
  const sum = (of: (one: MetricCost) => number): number => data.list.reduce((all, one) => all + of(one), 0);
  const cap = limits.data?.max_series ?? 0;
  return (
    <>
      <div className={classes.tiles}>
        <StatTile title="Series" value={group(data.series)} note={cap > 0 ? `${formatValue(data.series / cap, "percentunit", 0)} of at most ${group(cap)}` : "no limit is set"} />
        <StatTile title="Metrics" value={group(data.metrics)} note={`the ${group(data.list.length)} with most are below`} />
        <StatTile title="New series in an hour" value={group(sum((one) => one.created_hour))} note={`of those listed, counted since ${formatTime(Date.parse(data.countedSince), zone)}`} />
        <StatTile
          title="Growth in a day"
          value={data.comparedWith === null ? "–" : `${sum((one) => one.growth) >= 0 ? "+" : ""}${group(sum((one) => one.growth))}`}
          note={data.comparedWith === null ? "nothing to compare with yet" : `of those listed, since ${age(Date.parse(data.comparedWith), Date.now())}`}
        />
      </div>
      {metric !== "" && <MetricLabels metric={metric} onClose={() => onMetric("")} />}
      <Panel
        title="Metrics"
        flush
        of={metrics}
        actions={<Select size="xs" w={210} aria-label="Order" allowDeselect={false} data={orders} value={order} onChange={(value) => setOrder((value ?? "series") as MetricOrder)} />}
      >
        {data.list.length === 0 ? (
          <Empty title="There are no series" />
        ) : (
          <Table label="Metrics" columns={metricColumns(data.series)} rows={data.list} rowKey={(row) => row.metric} onRow={(row) => onMetric(row.metric)} selected={(row) => row.metric === metric} maxHeight={420} />
        )}
      </Panel>
      <div className={classes.two}>
        <Panel title="Labels with most values" flush of={labels}>
          {labels.isError ? (
            <Failure error={labels.error} retry={labels.refetch} what="Asking for labels" />
          ) : labels.isPending ? (
            <Loading />
          ) : (
            <Table
              label="Labels"
              maxHeight={320}
              rows={labels.data.list}
              rowKey={(row) => row.label}
              columns={[
                { key: "label", header: "Label", width: "minmax(0, 2fr)", cell: (row) => row.label, sort: (row) => row.label },
                { key: "values", header: "Values", align: "right", cell: (row) => group(row.values), sort: (row) => row.values },
                { key: "series", header: "Series", align: "right", cell: (row) => group(row.series), sort: (row) => row.series },
              ]}
            />
          )}
        </Panel>
        <Panel title="Pairs with most series" flush of={labels}>
          {labels.data ? (
            <Table
              label="Pairs"
              maxHeight={320}
              rows={labels.data.top}
              rowKey={(row) => `${row.label} ${row.value}`}
              columns={[
                { key: "label", header: "Label", width: "minmax(0, 1fr)", cell: (row) => row.label, sort: (row) => row.label },
                { key: "value", header: "Value", width: "minmax(0, 2fr)", cell: (row) => <span title={row.value}>{row.value}</span>, sort: (row) => row.value },
                { key: "series", header: "Series", align: "right", width: "80px", cell: (row) => group(row.series), sort: (row) => row.series },
              ]}
            />
          ) : (
            <Loading />
          )}
        </Panel>
      </div>
      <Panel title="Metrics that nothing has asked for" flush of={unused}>
        {unused.isError ? (
          <Failure error={unused.error} retry={unused.refetch} what="Asking for unused metrics" />
        ) : unused.isPending ? (
          <Loading />
        ) : (
          <>
            <Notice>
              {counted(unused.data.metrics, "metric")} with {group(unused.data.series)} of {group(unused.data.of)} series have been in no query and no rule since {formatTime(Date.parse(unused.data.notedSince), zone)}.
            </Notice>
            <Table label="Unused" columns={metricColumns(unused.data.of)} rows={unused.data.list} rowKey={(row) => row.metric} onRow={(row) => onMetric(row.metric)} maxHeight={280} />
          </>
        )}
      </Panel>
    </>
  );
}

function metricColumns(all: number): TableColumn<MetricCost>[] {
  return [
    { key: "metric", header: "Metric", width: "minmax(160px, 3fr)", cell: (row) => <span title={row.metric}>{row.metric}</span>, sort: (row) => row.metric },
    { key: "series", header: "Series", align: "right", cell: (row) => group(row.series), sort: (row) => row.series },
    { key: "share", header: "Share", align: "right", cell: (row) => formatValue(all === 0 ? 0 : row.series / all, "percentunit", 1), sort: (row) => row.series },
    { key: "bytes", header: "Size", align: "right", cell: (row) => formatValue(row.disk_bytes + row.head_bytes, "bytes"), sort: (row) => row.disk_bytes + row.head_bytes },
    { key: "growth", header: "Growth", align: "right", cell: (row) => `${row.growth > 0 ? "+" : ""}${group(row.growth)}`, sort: (row) => row.growth },
    { key: "hour", header: "New in 1 h", align: "right", cell: (row) => group(row.created_hour), sort: (row) => row.created_hour },
    { key: "asked", header: "Asked for", align: "right", cell: (row) => (row.last_selected ? age(Date.parse(row.last_selected), Date.now()) : "never"), sort: (row) => row.last_selected },
  ];
}
