import { SegmentedControl } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

import type { ServiceRed } from "../../api/services";
import { searchTraces } from "../../api/tempo";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { useUrlState } from "../../components/useUrlState";
import { tracePlace, tracesPlace } from "../../lib/links";
import { failedTracesOf, slowTracesOf, tracesOf } from "../../lib/service";
import { formatTime, nanoToMs } from "../../lib/timeFormat";
import { errorCount, spanCount, type TraceRow } from "../../lib/traceRows";
import { formatValue, group } from "../../lib/units";
import { serviceState, type ServiceState } from "./state";
import classes from "./services.module.css";

const most = 100;

/** Traces that a service is part of: all, failed ones, or those slower than its p95. */
export function TracesTab({ service, red }: { service: string; red: ServiceRed | undefined }) {
  const { range, zone } = useTime();
  const navigate = useNavigate();
  const [{ traces: which }, set] = useUrlState(serviceState);
  const slow = red?.p95 ?? null;
  const query = which === "failed" ? failedTracesOf(service) : which === "slow" && slow !== null ? slowTracesOf(service, slow) : tracesOf(service);
  const answer = useAnswer(["traces", "service", query], ({ signal }) => searchTraces({ query, start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) }, most, signal));
  const columns = useMemo(() => columnsFor(zone), [zone]);
  return (
    <Panel title="Traces" flush of={answer} actions={<Link {...tracesPlace(query)}>Open in Traces</Link>}>
      <div className={classes.bar}>
        <SegmentedControl
          aria-label="Traces"
          value={which}
          onChange={(next) => set({ traces: next as ServiceState["traces"] })}
          data={[
            { value: "all", label: "All" },
            { value: "failed", label: "Failed" },
            { value: "slow", label: slow === null ? "Slow" : `Slower than ${formatValue(slow, "s")}`, disabled: slow === null },
          ]}
        />
        {answer.data && answer.data.length >= most && <span className={classes.muted}>{most} of them; the Traces page finds more</span>}
      </div>
      {answer.isPending ? (
        <Loading height={320} what="traces" />
      ) : answer.isError ? (
        <div className={classes.padded}>
          <Failure error={answer.error} retry={answer.refetch} what="Searching traces" />
        </div>
      ) : answer.data.length === 0 ? (
        <Empty title={which === "all" ? "No traces in this range" : "No such traces in this range"} hint={which === "all" ? undefined : "Show all, or widen the range."} />
      ) : (
        <Table
          label="Traces"
          columns={columns}
          rows={answer.data}
          rowKey={(row) => row.traceId}
          initialSort="-start"
          onRow={(row) => void navigate(tracePlace(row.traceId, row.firstMatch))}
          maxHeight={640}
        />
      )}
    </Panel>
  );
}

function columnsFor(zone: string): TableColumn<TraceRow>[] {
  return [
    {
      key: "start",
      header: "Start",
      width: "190px",
      cell: (row) => (
        <Link {...tracePlace(row.traceId, row.firstMatch)} onClick={(event) => event.stopPropagation()}>
          {formatTime(nanoToMs(row.start), zone, true)}
        </Link>
      ),
      sort: (row) => nanoToMs(row.start),
    },
    { key: "service", header: "Begins at", width: "minmax(100px, 1fr)", cell: (row) => row.rootService || "–", sort: (row) => row.rootService },
    { key: "name", header: "With", width: "minmax(140px, 2fr)", cell: (row) => row.rootName || "–", sort: (row) => row.rootName },
    { key: "duration", header: "Duration", align: "right", width: "96px", cell: (row) => formatValue(row.durationMs, "ms"), sort: (row) => row.durationMs },
    { key: "spans", header: "Spans", align: "right", width: "72px", cell: (row) => group(spanCount(row)), sort: spanCount },
    { key: "errors", header: "Failed", align: "right", width: "72px", cell: (row) => group(errorCount(row)), sort: errorCount },
  ];
}
