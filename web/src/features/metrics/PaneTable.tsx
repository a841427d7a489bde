import { useMemo } from "react";

import { queryInstant, type InstantRow } from "../../api/prom";
import { Table, type TableColumn } from "../../components/Table";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useKeptQueries } from "../../components/useKeptQueries";
import { WaitingLine } from "../../components/Waiting";
import { formatLabels } from "../../lib/labels";
import { fillMacros } from "../../lib/macros";
import { formatTime } from "../../lib/timeFormat";
import { formatValue, group } from "../../lib/units";
import { guessUnit } from "./paneSeries";
import { referencesIn, type Pane } from "./panes";
import type { NamedQuery } from "./usePaneData";
import classes from "./metrics.module.css";

type Row = InstantRow & { query: string };

/** The answers to a pane's queries at the end of the page's range: a row per series, a column per label. */
export function PaneTable({ pane, queries, stepMs }: { pane: Pane; queries: readonly NamedQuery[]; stepMs: number }) {
  const { range, zone, tick } = useTime();
  const shown = queries.filter((query) => !query.hidden && query.text !== "" && !referencesIn(query.text));
  const asked = shown.map(({ text }) => ["prom", "instant", text, range, tick, stepMs]);
  const answers = useKeptQueries(
    shown.map(({ text }, index) => ({
      question: text,
      queryKey: asked[index] ?? [],
      queryFn: ({ signal }) => queryInstant(fillMacros(text, range, stepMs), range.to, signal),
    })),
  );
  const unit = pane.unit === "auto" ? guessUnit(shown[0]?.text ?? "") : pane.unit;
  const stamp = answers.map((one) => one.dataUpdatedAt).join();
  const rows = useMemo(
    () => answers.flatMap((one, index) => (one.data ?? []).map((row): Row => ({ ...row, query: shown[index]?.name ?? "" }))),
    // `answers` is another with every render.
    // oxlint-disable-next-line react/exhaustive-deps
    [stamp],
  );
  const columns = useMemo(() => tableColumns(rows, unit, shown.length > 1), [rows, unit, shown.length]);

  const failed = answers.findIndex((one) => one.isError);
  if (shown.length === 0) return <Empty title="No query to show" hint="Expressions over other queries are drawn as a graph." height={280} />;
  if (failed >= 0) return <Failure error={answers[failed]?.error} retry={answers[failed]?.refetch} what={`Query ${shown[failed]?.name ?? ""}`} />;
  if (answers.some((one) => one.isPending)) return <Loading height={280} what="the table" asked={asked} />;
  if (rows.length === 0) return <Empty title="No data at the end of this range" hint="The table shows one instant; the graph shows the whole range." />;
  return (
    <div className={classes.answer} data-busy={answers.some((one) => one.isPlaceholderData) || undefined}>
      <WaitingLine of={{ asked, at: Math.min(...answers.map((one) => one.at)), failure: answers.find((one) => one.failure)?.failure ?? null }} />
      <div className={classes.caption}>
        {group(rows.length)} series at {formatTime(range.to, zone)}
      </div>
      <Table
        label={shown.map((query) => query.text).join("; ")}
        columns={columns}
        rows={rows}
        rowKey={(row) => `${row.query} ${formatLabels(row.labels)}`}
        initialSort="-#value"
        maxHeight={480}
      />
    </div>
  );
}

function tableColumns(rows: readonly Row[], unit: string, several: boolean): TableColumn<Row>[] {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row.labels)))].toSorted((a, b) => Number(b === "__name__") - Number(a === "__name__") || a.localeCompare(b));
  const name: TableColumn<Row> = { key: "#query", header: "query", width: "64px", cell: (row) => row.query, sort: (row) => row.query };
  return [
    ...(several ? [name] : []),
    ...keys.map((key) => ({
      key,
      header: key === "__name__" ? "metric" : key,
      width: "minmax(96px, 1fr)",
      cell: (row: Row) => <span title={row.labels[key]}>{row.labels[key] ?? "–"}</span>,
      sort: (row: Row) => row.labels[key],
    })),
    // "#" cannot begin a label's name.
    { key: "#value", header: "value", align: "right", width: "minmax(96px, 160px)", cell: (row) => formatValue(row.value, unit), sort: (row) => row.value },
  ];
}
