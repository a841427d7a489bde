import { Link } from "@tanstack/react-router";
import { useMemo } from "react";

import { listOperations } from "../../api/services";
import { CorrelateMenu } from "../../components/correlate/CorrelateMenu";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { servicePlace, tracesPlace } from "../../lib/links";
import { operationOf, overflow, overflowHint } from "../../lib/service";
import { formatValue } from "../../lib/units";
import { entriesOf, weighOperations, type WeighedOperation } from "./impact";
import { apdexColumn, redColumns } from "./redColumns";
import { ShareBar } from "./ShareBar";
import classes from "./services.module.css";

interface OperationTableProps {
  service: string;
  /** Only so many of those that it answers, with the greatest impact. */
  top?: number;
}

/** What a service does, by the names of its spans, each with the way to its traces. */
export function OperationTable({ service, top }: OperationTableProps) {
  const { range } = useTime();
  const operations = useAnswer(["services", "operations", service], ({ signal }) => listOperations(service, range, signal));
  // At a glance it is about what the service answers.
  const entries = top !== undefined;
  const rows = useMemo(() => {
    const all = operations.data ?? [];
    return weighOperations(entries ? entriesOf(all) : all).toSorted((a, b) => (b.impact ?? -1) - (a.impact ?? -1) || b.rate - a.rate);
  }, [operations.data, entries]);
  const columns = useMemo(() => columnsFor(service, top !== undefined), [service, top]);
  return (
    <Panel
      title={top === undefined ? "Operations" : "Top operations"}
      flush
      of={operations}
      actions={top !== undefined && (operations.data?.length ?? 0) > top && <Link {...servicePlace(service, "operations")}>All {operations.data?.length}</Link>}
    >
      {operations.isPending ? (
        <Loading what="operations" />
      ) : operations.isError ? (
        <div className={classes.padded}>
          <Failure error={operations.error} retry={operations.refetch} what="Asking for operations" />
        </div>
      ) : rows.length === 0 ? (
        <Empty title="No operations in this range" />
      ) : (
        <Table
          label="Operations"
          columns={columns}
          rows={rows.slice(0, top)}
          rowKey={(row) => `${row.kind} ${row.name}`}
          initialSort="-impact"
          {...(top === undefined ? { maxHeight: 720 } : {})}
        />
      )}
    </Panel>
  );
}

function columnsFor(service: string, short: boolean): TableColumn<WeighedOperation>[] {
  const columns: TableColumn<WeighedOperation>[] = [
    {
      key: "name",
      header: "Operation",
      width: "minmax(140px, 3fr)",
      cell: (row) =>
        row.name === overflow ? (
          <em title={overflowHint}>other operations, over the limit</em>
        ) : (
          <Link {...tracesPlace(operationOf(service, row.name, row.kind))} title={row.name}>
            {row.name}
          </Link>
        ),
      sort: (row) => row.name,
    },
    { key: "kind", header: "Kind", width: "72px", cell: (row) => row.kind, sort: (row) => row.kind },
    {
      key: "impact",
      header: <abbr title="Rate × mean duration, as a share of all operations of the same kind">Impact</abbr>,
      width: "minmax(88px, 1fr)",
      cell: (row) => <ShareBar share={row.impact} />,
      sort: (row) => row.impact,
    },
    ...redColumns,
    { key: "mean", header: "Mean", align: "right", width: "minmax(64px, 1fr)", cell: (row) => formatValue(row.mean, "s"), sort: (row) => row.mean },
    apdexColumn,
    {
      key: "more",
      header: "",
      width: "40px",
      cell: (row) => row.name !== overflow && <CorrelateMenu label={`More about ${row.name}`} subject={() => ({ kind: "service", labels: { service_name: service }, operation: row.name })} />,
    },
  ];
  return short ? columns.filter(({ key }) => !["kind", "p50", "p99", "mean", "apdex"].includes(key)) : columns;
}
