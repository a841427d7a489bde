import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

import { ServiceMenu } from "../../components/correlate/ServiceMenu";
import { ServiceLink } from "../../components/ServiceLink";
import { Sparkline } from "../../components/Sparkline";
import { Table, type TableColumn } from "../../components/Table";
import { errorLogsOf, failedTracesOf, logsOf, overflow } from "../../lib/service";
import { logsPlace, metricsPlace, servicePlace, tracesPlace } from "../../lib/links";
import { formatValue } from "../../lib/units";
import { latest, newest, ratio, redQueries, redSpanQueries, type Course, type Service } from "./red";
import classes from "./overview.module.css";

// A share of failed requests, and of a service's lines, worth colour.
const warnShare = 0.01;
const errorShare = 0.05;

/** The services seen, with the way to the logs and traces behind each number. */
export function ServiceTable({ services, degraded }: { services: readonly Service[]; degraded: ReadonlyMap<string, readonly string[]> }) {
  const columns = useMemo(() => [nameColumn(degraded), ...numbers], [degraded]);
  const navigate = useNavigate();
  return (
    <div className={classes.table}>
      <Table label="Services" columns={columns} rows={services} rowKey={(row) => row.name} initialSort="-errors" maxHeight={460} onRow={(row) => row.name !== overflow && void navigate(servicePlace(row.name))} />
    </div>
  );
}

const share = (row: Service): Course => (row.red ? ratio(row.red.errors, row.red.rate) : []);

function nameColumn(degraded: ReadonlyMap<string, readonly string[]>): TableColumn<Service> {
  return {
    key: "name",
    header: "Service",
    width: "minmax(108px, 2fr)",
    cell: (row) => {
      const reasons = degraded.get(row.name);
      return (
        <span className={classes.named}>
          <ServiceLink name={row.name} title={row.red ? `Numbers from ${row.red.source}` : row.lines.length > 0 ? "Known by its logs only" : "Has sent something; no numbers yet"} />
          {reasons && (
            <span className={classes.degraded} title={reasons.join("\n")}>
              degraded
            </span>
          )}
        </span>
      );
    },
    sort: (row) => row.name,
  };
}

const numbers: TableColumn<Service>[] = [
  {
    key: "rate",
    header: <span title="Server calls a second, from span metrics, else from HTTP and RPC metrics, else from spans. A number leads to its query.">Requests</span>,
    align: "right",
    width: "minmax(60px, 1fr)",
    cell: (row) => <Figure service={row} of="rate" unit="/s" />,
    sort: (row) => (row.red ? newest(row.red.rate) : null),
  },
  {
    key: "errors",
    header: <span title="The share of calls that failed. A number leads to the failed traces.">Failed</span>,
    align: "right",
    width: "minmax(60px, 1fr)",
    cell: (row) => <ErrorShare service={row} />,
    sort: (row) => newest(share(row)),
  },
  {
    key: "p50",
    header: <span title="The median duration, from the same source as the requests.">p50</span>,
    align: "right",
    width: "minmax(56px, 1fr)",
    cell: (row) => <Figure service={row} of="p50" unit="s" />,
    sort: (row) => (row.red ? newest(row.red.p50) : null),
  },
  {
    key: "p95",
    header: <span title="The duration that 95 of 100 calls stay below, from the same source as the requests.">p95</span>,
    align: "right",
    width: "minmax(56px, 1fr)",
    cell: (row) => <Figure service={row} of="p95" unit="s" />,
    sort: (row) => (row.red ? newest(row.red.p95) : null),
  },
  {
    key: "trend",
    header: <span title="Of requests, failed and p95 over the range.">Course</span>,
    width: "118px",
    cell: (row) => (
      <span className={classes.trends}>
        <Sparkline values={row.red?.rate ?? []} width={34} />
        <Sparkline values={share(row)} token="error" width={34} />
        <Sparkline values={row.red?.p95 ?? []} token="warn" width={34} />
      </span>
    ),
  },
  {
    key: "lines",
    header: "Log lines",
    align: "right",
    width: "minmax(70px, 1fr)",
    cell: (row) => <Link {...logsPlace(logsOf(row.name))}>{formatValue(latest(row.lines), "/min")}</Link>,
    sort: (row) => latest(row.lines),
  },
  {
    key: "errorLines",
    header: "Error lines",
    align: "right",
    width: "minmax(70px, 1fr)",
    cell: (row) => {
      const now = latest(row.errorLines) ?? (row.lines.length > 0 ? 0 : null);
      return <Link {...logsPlace(errorLogsOf(row.name))}>{formatValue(now, "/min")}</Link>;
    },
    sort: (row) => latest(row.errorLines) ?? 0,
  },
  {
    key: "more",
    header: "",
    width: "32px",
    cell: ({ name }) => <ServiceMenu name={name} />,
  },
];

/** The newest of a service's numbers, with the way to the query it comes from. */
function Figure({ service: { name, red }, of, unit }: { service: Service; of: "rate" | "p50" | "p95"; unit: string }) {
  if (!red) return "–";
  const now = newest(red[of]);
  const last = now === null ? latest(red[of]) : null;
  const place = red.source === "spans" ? tracesPlace(redSpanQueries([name])[of]) : metricsPlace(redQueries("$__rate_interval", red)[of]);
  return (
    <Link {...place} title={`From ${red.source}${last === null ? "" : `: none now, ${formatValue(last, unit)} when there were calls`}`}>
      {formatValue(now, unit)}
    </Link>
  );
}

function ErrorShare({ service }: { service: Service }) {
  const now = newest(share(service));
  const token = now === null || now < warnShare ? undefined : now < errorShare ? "warn" : "error";
  if (now === null) return "–";
  return (
    <Link {...tracesPlace(failedTracesOf(service.name))} style={token && { color: `var(--o-${token})`, fontWeight: 600 }}>
      {formatValue(now, "percentunit")}
    </Link>
  );
}
