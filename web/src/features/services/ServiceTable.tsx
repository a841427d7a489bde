import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import type { Profile } from "../../api/services";
import { ServiceMenu } from "../../components/correlate/ServiceMenu";
import { ServiceLink } from "../../components/ServiceLink";
import { Sparkline } from "../../components/Sparkline";
import { Table, type TableColumn } from "../../components/Table";
import { servicePlace } from "../../lib/links";
import { overflow } from "../../lib/service";
import { group } from "../../lib/units";
import { apdexColumn, columnsOfPart, redColumns } from "./redColumns";
import { shortList, type ServiceRow } from "./rows";
import { useTrends, type Trend } from "./useTrends";
import classes from "./services.module.css";

/** Columns of the list that can be left out, in their order, and whether they are shown without a choice. */
export const optionalColumns: readonly { key: string; title: string; first: boolean }[] = [
  { key: "namespace", title: "Namespace", first: false },
  { key: "environment", title: "Environment", first: false },
  { key: "language", title: "Language", first: true },
  { key: "version", title: "Version", first: true },
  { key: "instances", title: "Instances", first: true },
  { key: "dependencies", title: "Dependencies", first: true },
  { key: "rate", title: "Calls", first: true },
  { key: "errors", title: "Failed", first: true },
  { key: "p50", title: "p50", first: true },
  { key: "p95", title: "p95", first: true },
  { key: "p99", title: "p99", first: true },
  { key: "apdex", title: "Apdex", first: true },
  { key: "trend", title: "Course of calls and failures", first: true },
];

interface ServiceTableProps {
  services: readonly ServiceRow[];
  /** Keys of the optional columns that are shown. */
  shown: readonly string[];
  sort: string;
  onSort(sort: string): void;
}

/** Services with their numbers; a row opens its service. */
export function ServiceTable({ services, shown, sort, onSort }: ServiceTableProps) {
  const navigate = useNavigate();
  const [inSight, setInSight] = useState<readonly string[]>([]);
  const trends = useTrends(inSight);
  const columns = useMemo(() => columnsFor(trends).filter(({ key }) => key === "name" || key === "more" || shown.includes(key)), [trends, shown]);
  return (
    <Table
      label="Services"
      columns={columns}
      rows={services}
      rowKey={(row) => row.name}
      sort={sort}
      onSort={onSort}
      onRow={(row) => row.name !== overflow && void navigate(servicePlace(row.name))}
      onSight={(rows) => setInSight(rows.flatMap(({ name, red }) => (red ? [name] : [])))}
      maxHeight={720}
    />
  );
}

function columnsFor(trends: ReadonlyMap<string, Trend>): TableColumn<ServiceRow>[] {
  return [
    {
      key: "name",
      header: "Service",
      width: "minmax(120px, 2fr)",
      cell: (row) => <ServiceLink name={row.name} title={kindOf(row)} />,
      sort: (row) => row.name,
    },
    texts("namespace", "Namespace", (profile) => profile.namespaces),
    texts("environment", "Environment", (profile) => profile.environments),
    texts("language", "Language", (profile) => profile.languages),
    texts("version", "Version", (profile) => profile.versions),
    count("instances", "Instances", ({ profile }) => (profile && profile.instances > 0 ? profile.instances : undefined)),
    count("dependencies", <abbr title="Other services, databases and queues that it calls">Calls to</abbr>, ({ dependencies }) => dependencies),
    ...columnsOfPart([...redColumns, apdexColumn], (row: ServiceRow) => row.red),
    {
      key: "trend",
      header: "Calls and failures",
      width: "140px",
      cell: (row) => (
        <span className={classes.trends}>
          <Sparkline values={trends.get(row.name)?.rate ?? []} width={64} />
          <Sparkline values={trends.get(row.name)?.failed ?? []} token="error" width={64} />
        </span>
      ),
    },
    { key: "more", header: "", width: "40px", cell: (row) => <ServiceMenu name={row.name} /> },
  ];
}

function kindOf({ red, profile }: ServiceRow): string {
  if (!red) return profile?.spans ? "Sends spans, which were not counted" : "Sends log lines, and no spans";
  return red.entry ? "Of the calls it answered" : "Answers no calls: of all its spans";
}

function texts(key: string, header: string, of: (profile: Profile) => readonly string[]): TableColumn<ServiceRow> {
  const values = (row: ServiceRow): readonly string[] => (row.profile ? of(row.profile) : []);
  return {
    key,
    header,
    width: "minmax(72px, 1fr)",
    cell: (row) => <span title={values(row).join(", ")}>{shortList(values(row)) || "–"}</span>,
    sort: (row) => values(row)[0],
  };
}

function count(key: string, header: TableColumn<ServiceRow>["header"], of: (row: ServiceRow) => number | undefined): TableColumn<ServiceRow> {
  const text = (row: ServiceRow): string => {
    const value = of(row);
    return value === undefined ? "–" : group(value);
  };
  return { key, header, align: "right", width: "minmax(56px, 0.7fr)", cell: text, sort: of };
}
