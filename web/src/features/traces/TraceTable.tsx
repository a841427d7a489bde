import { Link } from "@tanstack/react-router";

import { CorrelateMenu } from "../../components/correlate/CorrelateMenu";
import { Table, type TableColumn } from "../../components/Table";
import { tracePlace } from "../../lib/links";
import { formatTime, nanoToMs } from "../../lib/timeFormat";
import { errorCount, spanCount, type TraceRow } from "../../lib/traceRows";
import { formatValue, group } from "../../lib/units";
import classes from "./traces.module.css";

interface TraceTableProps {
  traces: readonly TraceRow[];
  zone: string;
  /** Id of the trace under the keyboard. */
  active: string;
  onOpen(trace: TraceRow): void;
}

/** The traces a search found. */
export function TraceTable({ traces, zone, active, onOpen }: TraceTableProps) {
  const longest = traces.reduce((max, trace) => Math.max(max, trace.durationMs), 1);
  const counted = traces.some((trace) => trace.services.length > 0);
  return (
    <Table
      label="Traces"
      columns={columnsFor(zone, longest, counted)}
      rows={traces}
      rowKey={(trace) => trace.traceId}
      initialSort="-start"
      onRow={onOpen}
      selected={(trace) => trace.traceId === active}
      maxHeight={520}
    />
  );
}

function columnsFor(zone: string, longest: number, counted: boolean): TableColumn<TraceRow>[] {
  const counts: TableColumn<TraceRow>[] = [
    { key: "spans", header: "Spans", align: "right", width: "64px", cell: (trace) => group(spanCount(trace)), sort: spanCount },
    { key: "errors", header: "Errors", align: "right", width: "64px", cell: (trace) => errorsCell(trace), sort: errorCount },
  ];
  return [
    { key: "start", header: "Start", width: "180px", cell: (trace) => startCell(trace, zone), sort: (trace) => nanoToMs(trace.start) },
    { key: "service", header: "Root service", width: "minmax(110px, 1fr)", cell: (trace) => trace.rootService || "–", sort: (trace) => trace.rootService },
    { key: "name", header: "Root operation", width: "minmax(160px, 2fr)", cell: (trace) => trace.rootName || "–", sort: (trace) => trace.rootName },
    {
      key: "duration",
      header: "Duration",
      width: "minmax(140px, 1fr)",
      cell: (trace) => durationCell(trace, longest),
      sort: (trace) => trace.durationMs,
    },
    ...(counted ? counts : []),
    { key: "matched", header: "Matched", align: "right", width: "72px", cell: (trace) => group(trace.matched), sort: (trace) => trace.matched },
    { key: "more", header: "", width: "32px", cell: (trace) => <TraceMenu trace={trace} /> },
  ];
}

/** Where else is told of a trace and of the service that it began in, at its time. */
function TraceMenu({ trace }: { trace: TraceRow }) {
  const time = nanoToMs(trace.start);
  return (
    <CorrelateMenu
      label={`More about trace ${trace.traceId.slice(0, 8)}`}
      subject={() => ({ kind: "span", labels: { "service.name": trace.rootService }, time, end: time + trace.durationMs, traceId: trace.traceId, operation: trace.rootName })}
    />
  );
}

function startCell(trace: TraceRow, zone: string) {
  return <Link {...tracePlace(trace.traceId, trace.firstMatch)}>{formatTime(nanoToMs(trace.start), zone, true)}</Link>;
}

function durationCell(trace: TraceRow, longest: number) {
  return (
    <span className={classes.duration}>
      <span className={classes.durationBar} style={{ width: `${(trace.durationMs / longest) * 100}%` }} aria-hidden="true" />
      <span className={classes.durationText}>{trace.durationMs === 0 ? "< 1 ms" : formatValue(trace.durationMs, "ms")}</span>
    </span>
  );
}

function errorsCell(trace: TraceRow) {
  const errors = errorCount(trace);
  return errors > 0 ? <span className={classes.errors}>● {group(errors)}</span> : "–";
}
