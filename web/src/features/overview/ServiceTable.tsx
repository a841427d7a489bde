import { Link } from "@tanstack/react-router";
import { useMemo } from "react";

import { Sparkline } from "../../components/Sparkline";
import { Table, type TableColumn } from "../../components/Table";
import { errorLogsOf, failedTracesOf, logsOf } from "../../lib/service";
import { logsPlace, servicePlace, tracesPlace } from "../../lib/links";
import { formatValue } from "../../lib/units";
import { latest, ratio, type Course, type Service } from "./red";
import classes from "./overview.module.css";

// A share of failed requests, and of a service's lines, worth colour.
const warnShare = 0.01;
const errorShare = 0.05;

/** The services seen, with the way to the logs and traces behind each number. */
export function ServiceTable({ services, degraded }: { services: readonly Service[]; degraded: ReadonlyMap<string, readonly string[]> }) {
  const columns = useMemo(() => [nameColumn(degraded), ...numbers], [degraded]);
  return (
    <div className={classes.table}>
      <Table label="Services" columns={columns} rows={services} rowKey={(row) => row.name} initialSort="-errors" maxHeight={460} />
    </div>
  );
}

const share = (row: Service): Course => (row.red ? ratio(row.red.errors, row.red.rate) : []);

function nameColumn(degraded: ReadonlyMap<string, readonly string[]>): TableColumn<Service> {
  return {
    key: "name",
    header: "Service",
    width: "minmax(140px, 2fr)",
    cell: (row) => {
      const reasons = degraded.get(row.name);
      return (
        <>
          <Link {...servicePlace(row.name)} title={row.red ? `Numbers from ${row.red.source}` : "Known by its logs only"}>
            {row.name}
          </Link>
          {reasons && (
            <span className={classes.degraded} title={reasons.join("\n")}>
              degraded
            </span>
          )}
        </>
      );
    },
    sort: (row) => row.name,
  };
}

const numbers: TableColumn<Service>[] = [
  {
    key: "rate",
    header: "Requests",
    align: "right",
    width: "minmax(80px, 1fr)",
    cell: (row) => row.red ? <Link {...servicePlace(row.name)}>{formatValue(latest(row.red.rate), "/s")}</Link> : "–",
    sort: (row) => (row.red ? latest(row.red.rate) : null),
  },
  {
    key: "errors",
    header: "Failed",
    align: "right",
    width: "minmax(64px, 1fr)",
    cell: (row) => <ErrorShare service={row} />,
    sort: (row) => latest(share(row)),
  },
  {
    key: "p95",
    header: "p95",
    align: "right",
    width: "minmax(72px, 1fr)",
    cell: (row) => row.red ? <Link {...servicePlace(row.name, "operations")}>{formatValue(latest(row.red.p95), "s")}</Link> : "–",
    sort: (row) => (row.red ? latest(row.red.p95) : null),
  },
  {
    key: "trend",
    header: "Course of the three",
    width: "216px",
    cell: (row) => (
      <span className={classes.trends}>
        <Sparkline values={row.red?.rate ?? []} width={64} />
        <Sparkline values={share(row)} token="error" width={64} />
        <Sparkline values={row.red?.p95 ?? []} token="warn" width={64} />
      </span>
    ),
  },
  {
    key: "lines",
    header: "Log lines",
    align: "right",
    width: "minmax(80px, 1fr)",
    cell: (row) => <Link {...logsPlace(logsOf(row.name))}>{formatValue(latest(row.lines), "/min")}</Link>,
    sort: (row) => latest(row.lines),
  },
  {
    key: "errorLines",
    header: "Error lines",
    align: "right",
    width: "minmax(80px, 1fr)",
    cell: (row) => {
      const now = latest(row.errorLines) ?? (row.lines.length > 0 ? 0 : null);
      return <Link {...logsPlace(errorLogsOf(row.name))}>{formatValue(now, "/min")}</Link>;
    },
    sort: (row) => latest(row.errorLines) ?? 0,
  },
];

function ErrorShare({ service }: { service: Service }) {
  const now = latest(share(service));
  const token = now === null || now < warnShare ? undefined : now < errorShare ? "warn" : "error";
  if (now === null) return "–";
  return (
    <Link {...tracesPlace(failedTracesOf(service.name))} style={token && { color: `var(--o-${token})`, fontWeight: 600 }}>
      {formatValue(now, "percentunit")}
    </Link>
  );
}
