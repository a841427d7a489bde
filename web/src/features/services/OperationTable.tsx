import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";

import { listOperations, type Operation } from "../../api/services";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import { useTime } from "../../components/time/TimeContext";
import { tracesPlace } from "../../lib/links";
import { operationOf } from "../../lib/service";
import { apdexColumn, redColumns } from "./redColumns";
import classes from "./services.module.css";

/** What a service does, by the names of its spans, each with the way to its traces. */
export function OperationTable({ service }: { service: string }) {
  const { range, tick } = useTime();
  const operations = useQuery({
    queryKey: ["services", "operations", service, range, tick],
    queryFn: ({ signal }) => listOperations(service, range, signal),
  });
  const columns = useMemo(() => columnsFor(service), [service]);
  return (
    <Panel title="Operations" flush busy={operations.isPlaceholderData}>
      {operations.isPending ? (
        <Loading what="operations" />
      ) : operations.isError ? (
        <div className={classes.padded}>
          <Failure error={operations.error} retry={operations.refetch} what="Asking for operations" />
        </div>
      ) : operations.data.length === 0 ? (
        <Empty title="No operations in this range" />
      ) : (
        <Table
          label="Operations"
          columns={columns}
          rows={operations.data}
          rowKey={(row) => `${row.kind} ${row.name}`}
          initialSort="-rate"
          maxHeight={360}
        />
      )}
    </Panel>
  );
}

function columnsFor(service: string): TableColumn<Operation>[] {
  return [
    {
      key: "name",
      header: "Operation",
      width: "minmax(160px, 3fr)",
      cell: (row) => (
        <Link {...tracesPlace(operationOf(service, row.name, row.kind))} title={row.name}>
          {row.name}
        </Link>
      ),
      sort: (row) => row.name,
    },
    { key: "kind", header: "Kind", width: "88px", cell: (row) => row.kind, sort: (row) => row.kind },
    ...redColumns,
    apdexColumn,
  ];
}
