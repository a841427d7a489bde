import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

import type { Profile } from "../../api/services";
import { CorrelateMenu } from "../../components/correlate/CorrelateMenu";
import { Sparkline } from "../../components/Sparkline";
import { Table, type TableColumn } from "../../components/Table";
import { servicePlace } from "../../lib/links";
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
  const trends = useTrends();
  const columns = useMemo(() => columnsFor(trends).filter(({ key }) => key === "name" || key === "more" || shown.includes(key)), [trends, shown]);
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

function columnsFor(trends: ReadonlyMap<string, Trend>): TableColumn<ServiceRow>[] {
  return [
    {
      key: "name",
      header: "Service",
      width: "minmax(120px, 2fr)",
      cell: (row) => (
        // The row's own way there must not be taken a second time.
        <Link {...servicePlace(row.name)} title={kindOf(row)} onClick={(event) => event.stopPropagation()}>
          {row.name}
        </Link>
      ),
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

/** What else tells of a service; a click on it is none on the row. */
function ServiceMenu({ name }: { name: string }) {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
    <span onClick={(event) => event.stopPropagation()} onKeyDown={(event) => event.stopPropagation()} role="presentation">
      <CorrelateMenu label={`More about ${name}`} subject={() => ({ kind: "service", labels: { service_name: name } })} />
    </span>
  );
}

function kindOf({ red }: ServiceRow): string {
  if (!red) return "Sends log lines, and no spans";
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
