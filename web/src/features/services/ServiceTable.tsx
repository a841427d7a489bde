import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

import type { ServiceRed } from "../../api/services";
import { Sparkline } from "../../components/Sparkline";
import { Table, type TableColumn } from "../../components/Table";
import { servicePlace } from "../../lib/links";
import { apdexColumn, redColumns } from "./redColumns";
import { useTrends, type Trend } from "./useTrends";
import classes from "./services.module.css";

interface ServiceTableProps {
  services: readonly ServiceRed[];
  sort: string;
  onSort(sort: string): void;
}

/** Services with their numbers; a row opens its service. */
export function ServiceTable({ services, sort, onSort }: ServiceTableProps) {
  const navigate = useNavigate();
  const trends = useTrends();
  const columns = useMemo(() => columnsFor(trends), [trends]);
  return (
    <Table
      label="Services"
      columns={columns}
      rows={services}
      rowKey={(row) => row.name}
      sort={sort}
      onSort={onSort}
      onRow={(row) => void navigate(servicePlace(row.name))}
      maxHeight={720}
    />
  );
}

function columnsFor(trends: ReadonlyMap<string, Trend>): TableColumn<ServiceRed>[] {
  return [
    {
      key: "name",
      header: "Service",
      width: "minmax(120px, 2fr)",
      cell: (row) => (
        // The row's own way there must not be taken a second time.
        <Link {...servicePlace(row.name)} title={row.entry ? "Of the calls it answered" : "Answers no calls: of all its spans"} onClick={(event) => event.stopPropagation()}>
          {row.name}
        </Link>
      ),
      sort: (row) => row.name,
    },
    ...redColumns,
    apdexColumn,
    {
      key: "trend",
      header: "Course of calls and failures",
      width: "196px",
      cell: (row) => (
        <span className={classes.trends}>
          <Sparkline values={trends.get(row.name)?.rate ?? []} />
          <Sparkline values={trends.get(row.name)?.failed ?? []} token="error" />
        </span>
      ),
    },
  ];
}
