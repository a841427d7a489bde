import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { queryInstant, type InstantRow } from "../../api/prom";
import { Table, type TableColumn } from "../../components/Table";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { formatLabels } from "../../lib/labels";
import { fillMacros } from "../../lib/macros";
import { pickStep } from "../../lib/step";
import { formatTime } from "../../lib/timeFormat";
import { formatValue, group } from "../../lib/units";
import { guessUnit, useRefusal } from "./PaneGraph";
import type { Pane } from "./panes";
import classes from "./metrics.module.css";

/** The answer to a pane's query at the end of the page's range: a row per series, a column per label. */
export function PaneTable({ pane, onRefused }: { pane: Pane; onRefused: (query: string) => void }) {
  const { range, zone, tick } = useTime();
  const answer = useQuery({
    queryKey: ["prom", "instant", pane.query, range, tick],
    queryFn: ({ signal }) => queryInstant(fillMacros(pane.query, range, pickStep(range, 400)), range.to, signal),
  });
  useRefusal(answer.error, pane.query, onRefused);
  const unit = pane.unit === "auto" ? guessUnit(pane.query) : pane.unit;
  const columns = useMemo(() => tableColumns(answer.data ?? [], unit), [answer.data, unit]);

  if (answer.isPending) return <Loading height={280} what="the table" />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="The query" />;
  if (answer.data.length === 0) return <Empty title="No data at the end of this range" hint="The table shows one instant; the graph shows the whole range." />;
  return (
    <div className={classes.answer} data-busy={answer.isPlaceholderData || undefined}>
      <div className={classes.caption}>
        {group(answer.data.length)} {answer.data.length === 1 ? "series" : "series"} at {formatTime(range.to, zone)}
      </div>
      <Table label={pane.query} columns={columns} rows={answer.data} rowKey={(row) => formatLabels(row.labels)} initialSort="-#value" maxHeight={480} />
    </div>
  );
}

function tableColumns(rows: readonly InstantRow[], unit: string): TableColumn<InstantRow>[] {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row.labels)))].toSorted((a, b) => Number(b === "__name__") - Number(a === "__name__") || a.localeCompare(b));
  return [
    ...keys.map((key) => ({
      key,
      header: key === "__name__" ? "metric" : key,
      width: "minmax(96px, 1fr)",
      cell: (row: InstantRow) => <span title={row.labels[key]}>{row.labels[key] ?? "–"}</span>,
      sort: (row: InstantRow) => row.labels[key],
    })),
    // "#" cannot begin a label's name.
    { key: "#value", header: "value", align: "right", width: "minmax(96px, 160px)", cell: (row) => formatValue(row.value, unit), sort: (row) => row.value },
  ];
}
