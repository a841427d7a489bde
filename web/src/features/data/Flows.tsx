import { VisuallyHidden } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";

import type { Flow, Grouping, Ingest } from "../../api/ingest";
import { Sparkline } from "../../components/Sparkline";
import { Table, type TableColumn } from "../../components/Table";
import { useTime } from "../../components/time/TimeContext";
import { formatTime } from "../../lib/timeFormat";
import { formatValue, group } from "../../lib/units";
import { flowName, flowPlace, lateShare, refusedRows, tenantName } from "./ingest";
import classes from "./data.module.css";

interface FlowsProps {
  by: Grouping;
  rows: readonly Flow[];
  answer: Ingest;
  sort: string;
  onSort: (order: string) => void;
  /** Shows the jobs or services of a signal. */
  onSignal: (signal: string) => void;
}

const heads: Record<Grouping, string> = { endpoint: "Endpoint", service: "Job or service", tenant: "Tenant" };

/** What comes in, a row for each endpoint, job or service, or tenant. */
export function Flows({ by, rows, answer, sort, onSort, onSignal }: FlowsProps) {
  const { zone } = useTime();
  const navigate = useNavigate();
  const open = (flow: Flow): void => {
    const place = by === "service" ? flowPlace(flow) : undefined;
    if (place) void navigate(place);
    else if (by !== "service") onSignal(flow.signal);
  };
  return (
    <Table
      label="What comes in"
      columns={columnsOf(by, answer, zone)}
      rows={rows}
      rowKey={(row) => `${row.signal} ${row.protocol} ${row.tenant} ${row.service} ${row.left}`}
      sort={sort}
      onSort={onSort}
      onRow={open}
      maxHeight={420}
    />
  );
}

function columnsOf(by: Grouping, { now, tenants }: Ingest, zone: string): TableColumn<Flow>[] {
  const asked = Date.parse(now);
  const name: TableColumn<Flow> = {
    key: "name",
    header: heads[by],
    width: "minmax(140px, 2fr)",
    cell: (row) => <span title={flowName(row, by)}>{flowName(row, by)}</span>,
    sort: (row) => flowName(row, by),
  };
  const tenant: TableColumn<Flow> = { key: "tenant", header: "Tenant", cell: (row) => tenantName(row.tenant), sort: (row) => tenantName(row.tenant) };
  return [
    { key: "signal", header: "Signal", width: "72px", cell: (row) => row.signal, sort: (row) => row.signal },
    name,
    ...(by === "service" && tenants ? [tenant] : []),
    { key: "rate", header: "Rows/s", align: "right", cell: (row) => formatValue(row.rowsPerSecond), sort: (row) => row.rowsPerSecond },
    { key: "recent", header: "5 min", width: "104px", cell: (row) => <Sparkline values={row.recent} /> },
    {
      key: "size",
      header: "Size/s",
      align: "right",
      cell: (row) => (row.bytes === 0 ? <Unknown why="Here the sizes of requests are not counted" /> : formatValue(row.bytesPerSecond, "binBps")),
      sort: (row) => (row.bytes === 0 ? null : row.bytesPerSecond),
    },
    { key: "rows", header: "Rows", align: "right", cell: (row) => group(row.rows), sort: (row) => row.rows },
    { key: "refused", header: "Refused", align: "right", cell: (row) => <RefusedCount flow={row} />, sort: (row) => refusedRows(row.refused) },
    { key: "behind", header: "Behind", align: "right", cell: (row) => <Behind newest={row.newest} now={asked} zone={zone} />, sort: (row) => (row.newest === null ? null : asked - Date.parse(row.newest)) },
    { key: "late", header: "Out of order", align: "right", width: "minmax(96px, 1fr)", cell: (row) => <Late flow={row} />, sort: lateShare },
  ];
}

/** A dash that says why there is nothing. */
function Unknown({ why }: { why: string }) {
  return (
    <span className={classes.muted} title={why}>
      –<VisuallyHidden>{why}</VisuallyHidden>
    </span>
  );
}

function RefusedCount({ flow: { refused } }: { flow: Flow }) {
  if (refused.length === 0) return "0";
  return (
    <span className={classes.bad} title={refused.map(({ reason, rows }) => `${reason}: ${group(rows)}`).join("\n")}>
      {group(refusedRows(refused))}
    </span>
  );
}

/** How far the newest row lies before now. A clock that goes ahead is worth knowing too. */
function Behind({ newest, now, zone }: { newest: string | null; now: number; zone: string }) {
  if (newest === null) return <Unknown why="Nothing was taken" />;
  const seconds = (now - Date.parse(newest)) / 1000;
  return <span title={formatTime(Date.parse(newest), zone)}>{seconds < -1 ? `${formatValue(-seconds, "s")} ahead` : formatValue(Math.max(seconds, 0), "s")}</span>;
}

function Late({ flow }: { flow: Flow }) {
  if (flow.signal !== "metrics") return <Unknown why={`${flow.signal === "logs" ? "Log records" : "Spans"} are stored in whatever order they come`} />;
  const share = lateShare(flow);
  if (share === undefined) return <Unknown why="No series has sent a second sample yet" />;
  return <span title={`${group(flow.late)} of ${group(flow.followed)} samples were older than the newest of their series and stored all the same; those refused for it count too`}>{formatValue(share, "percentunit")}</span>;
}
