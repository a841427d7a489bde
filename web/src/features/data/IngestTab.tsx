import type { Accepted, Rejection } from "../../api/oriel";
import { Panel } from "../../components/Panel";
import { QueryPanel } from "../../components/QueryPanel";
import { StateBadge } from "../../components/StateBadge";
import { Empty, Failure, Loading } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import { useTime } from "../../components/time/TimeContext";
import { age, formatTime } from "../../lib/timeFormat";
import { formatValue, group } from "../../lib/units";
import { useStatus } from "./useStatus";
import classes from "./data.module.css";

const charts = [
  { title: "Rows by signal", query: "sum by (signal) (rate(oriel_ingest_rows_total[$__rate_interval]))", unit: "rows/s", kind: "stacked" as const },
  { title: "Rows by protocol", query: 'sum by (source) (label_join(rate(oriel_ingest_rows_total[$__rate_interval]), "source", " ", "protocol", "signal"))', unit: "rows/s" },
  { title: "Bytes by signal", query: "sum by (signal) (rate(oriel_ingest_bytes_total[$__rate_interval]))", unit: "Bps", kind: "stacked" as const },
  {
    title: "Refused by reason",
    query: 'sum by (source) (label_join(rate(oriel_ingest_rejected_total[$__rate_interval]), "source", " ", "protocol", "signal", "reason"))',
    unit: "rows/s",
    absent: "Nothing has been refused.",
  },
];

/** What came in, by signal and protocol, and what was refused and why. */
export function IngestTab() {
  const { zone } = useTime();
  const status = useStatus();
  if (status.isPending) return <Loading as="page" height={320} what="the server's status" asked={status.asked} />;
  if (status.isError) return <Failure error={status.error} retry={status.refetch} what="Asking for the status" />;
  const { accepted, rejections } = status.data;
  const now = Date.now();
  return (
    <>
      <Panel title="Accepted since the start" flush of={status}>
        {accepted.length === 0 ? (
          <Empty
            title="Nothing has come in yet"
            hint="Point an OpenTelemetry SDK at ports 4317 or 4318, Prometheus remote write at /api/v1/write, or a Loki client at /loki/api/v1/push."
          />
        ) : (
          <Table label="Accepted" columns={acceptedColumns(zone, now)} rows={accepted} rowKey={(row) => `${row.protocol} ${row.signal}`} initialSort="-rows" />
        )}
      </Panel>
      <Panel title="Refused since the start" flush>
        {rejections.length === 0 ? (
          <Empty title="Nothing has been refused" hint="Rows that are malformed, too old, too large or over a limit would be listed here with the reason." height={96} />
        ) : (
          <Refused rows={rejections} now={now} zone={zone} />
        )}
      </Panel>
      {accepted.length > 0 && (
        <div className={classes.charts}>
          {charts.map((panel) => (
            <QueryPanel key={panel.title} panel={panel} height={140} />
          ))}
        </div>
      )}
    </>
  );
}

function acceptedColumns(zone: string, now: number): TableColumn<Accepted>[] {
  return [
    { key: "protocol", header: "Protocol", cell: (row) => row.protocol, sort: (row) => row.protocol },
    { key: "signal", header: "Signal", cell: (row) => row.signal, sort: (row) => row.signal },
    { key: "rows", header: "Rows", align: "right", cell: (row) => group(row.rows), sort: (row) => row.rows },
    { key: "bytes", header: "Size", align: "right", cell: (row) => (row.bytes === 0 ? "–" : formatValue(row.bytes, "bytes")), sort: (row) => row.bytes },
    {
      key: "last",
      header: "Newest",
      align: "right",
      cell: (row) => <span title={formatTime(Date.parse(row.last), zone)}>{age(Date.parse(row.last), now)}</span>,
      sort: (row) => row.last,
    },
  ];
}

/** Refusals with their example in full: it is what the sender's owner needs. */
function Refused({ rows, now, zone }: { rows: readonly Rejection[]; now: number; zone: string }) {
  const newestFirst = rows.toSorted((a, b) => b.last.localeCompare(a.last));
  return (
    <ul className={classes.refused} aria-label="Refused">
      {newestFirst.map((row) => (
        <li key={`${row.protocol} ${row.signal} ${row.reason}`}>
          <div className={classes.refusedHead}>
            <StateBadge tone="error">{row.reason}</StateBadge>
            <span>
              {group(row.rows)} {row.signal} over {row.protocol}
            </span>
            <span className={classes.when} title={formatTime(Date.parse(row.last), zone)}>
              {age(Date.parse(row.last), now)}
            </span>
          </div>
          <code className={classes.example}>{row.example}</code>
        </li>
      ))}
    </ul>
  );
}
