import { SegmentedControl, Select } from "@mantine/core";

import { ingestFlows, type Flow, type Grouping } from "../../api/ingest";
import { Notice } from "../../components/Notice";
import { Panel } from "../../components/Panel";
import { QueryPanel } from "../../components/QueryPanel";
import { StateBadge } from "../../components/StateBadge";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswerNow } from "../../components/useAnswerNow";
import { useUrlState } from "../../components/useUrlState";
import { age, formatTime } from "../../lib/timeFormat";
import { counted, group } from "../../lib/units";
import { Flows } from "./Flows";
import { flowName, flowSignals, groupings, ingestState, near, tenantName, usedShare } from "./ingest";
import { Limits } from "./Limits";
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

const titles: Record<Grouping, string> = { endpoint: "Endpoint", service: "Job or service", tenant: "Tenant" };
const signalTitles: Record<(typeof flowSignals)[number], string> = { all: "All signals", metrics: "Metrics", logs: "Logs", spans: "Spans" };

/** What comes in, from where and how late, what was refused and why, and how near limits are. */
export function IngestTab() {
  const { zone } = useTime();
  const [{ by, signal, sort }, set] = useUrlState(ingestState);
  const answer = useAnswerNow(["ingest", by], (context) => ingestFlows(by, context.signal));
  if (answer.isPending) return <Loading as="page" height={320} what="what comes in" asked={answer.asked} />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="Asking what comes in" />;
  const { data } = answer;
  const rows = data.flows.filter((flow) => signal === "all" || flow.signal === signal);
  const nearby = data.limits.filter((limit) => (usedShare(limit) ?? 0) >= near).length;
  return (
    <>
      <div className={classes.tools}>
        <SegmentedControl size="xs" aria-label="Group by" data={groupings.map((value) => ({ value, label: titles[value] }))} value={by} onChange={(next) => set({ by: next as Grouping })} />
        <Select
          size="xs"
          w={140}
          aria-label="Signal"
          allowDeselect={false}
          data={flowSignals.map((value) => ({ value, label: signalTitles[value] }))}
          value={signal}
          onChange={(next) => set({ signal: (next ?? "all") as typeof signal })}
        />
        <span className={`${classes.muted} ${classes.beside}`}>{`Counted since the server started, ${formatTime(Date.parse(data.since), zone)}; rates are of the last 5 min`}</span>
      </div>
      <Panel title="What comes in" flush of={answer}>
        {rows.length > 0 ? (
          <Flows by={by} rows={rows} answer={data} sort={sort} onSort={(order) => set({ sort: order }, { replace: true })} onSignal={(of) => set({ by: "service", signal: of as typeof signal })} />
        ) : signal === "all" ? (
          <Empty
            title="Nothing has come in yet"
            hint="Point an OpenTelemetry SDK at ports 4317 or 4318, Prometheus remote write at /api/v1/write, or a Loki client at /loki/api/v1/push."
          />
        ) : (
          <Empty title={`No ${signal} have come in since the server started`} height={120} />
        )}
        {data.leftOff > 0 && <Notice>{group(data.leftOff)} more send less and are not listed.</Notice>}
      </Panel>
      <Panel title="Refused since the start" flush of={answer}>
        <Refused flows={rows} by={by} now={Date.parse(data.now)} zone={zone} tenants={data.tenants} />
      </Panel>
      <Panel title="Limits" flush of={answer} actions={<span className={nearby > 0 ? classes.bad : classes.muted}>{nearby > 0 ? `${group(nearby)} at 80 % or more` : "none is near"}</span>}>
        <Limits limits={data.limits} />
      </Panel>
      {data.flows.length > 0 && (
        <div className={classes.charts}>
          {charts.map((panel) => (
            <QueryPanel key={panel.title} panel={panel} height={140} />
          ))}
        </div>
      )}
    </>
  );
}

/** What a row of a signal is. */
const rowWords: Readonly<Record<string, string>> = { metrics: "sample", logs: "log record", spans: "span" };

/** Refusals with their example in full: it is what the sender's owner needs. */
function Refused({ flows, by, now, zone, tenants }: { flows: readonly Flow[]; by: Grouping; now: number; zone: string; tenants: boolean }) {
  const all = flows.flatMap((flow) => flow.refused.map((one) => ({ ...one, flow }))).toSorted((a, b) => b.last.localeCompare(a.last));
  if (all.length === 0) {
    const hint = by === "service" ? "What cannot be read names no job or service: see by endpoint." : "Rows that are malformed, too old, too large or over a limit would be listed here with the reason.";
    return <Empty title="Nothing has been refused" hint={hint} height={96} />;
  }
  return (
    <ul className={classes.refused} aria-label="Refused">
      {all.slice(0, mostRefusals).map(({ reason, rows, example, last, flow }) => (
        <li key={`${flow.signal} ${flow.protocol} ${flow.tenant} ${flow.service} ${flow.left} ${reason}`}>
          <div className={classes.refusedHead}>
            <StateBadge tone="error">{reason}</StateBadge>
            <span>
              {counted(rows, rowWords[flow.signal] ?? "row")} {by === "endpoint" ? "over" : "of"} {flowName(flow, by)}
              {by === "service" && tenants && ` of tenant ${tenantName(flow.tenant)}`}
            </span>
            <span className={classes.when} title={formatTime(Date.parse(last), zone)}>
              {age(Date.parse(last), now)}
            </span>
          </div>
          <code className={classes.example}>{example}</code>
        </li>
      ))}
      {all.length > mostRefusals && <li className={classes.muted}>{group(all.length - mostRefusals)} older ones are not listed.</li>}
    </ul>
  );
}

const mostRefusals = 50;
