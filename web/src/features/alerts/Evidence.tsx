import { useMemo, type ReactNode } from "react";

import { evidenceOf } from "../../api/evidence";
import type { Mark, Stretch } from "../../components/chart/TimeSeries";
import { Notice } from "../../components/Notice";
import { Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswerNow } from "../../components/useAnswerNow";
import { WaitingLine } from "../../components/Waiting";
import type { Labels } from "../../lib/labels";
import type { TimeRange } from "../../lib/time";
import { Different } from "./Different";
import { EvidenceGraph, type Signal } from "./EvidenceGraph";
import { EvidenceChanges, EvidenceLogs, EvidenceTraces } from "./EvidenceParts";
import classes from "./evidence.module.css";

/** What is shown the evidence of. */
export interface Subject {
  name: string;
  /** "" for one that is not notified of yet. */
  fingerprint: string;
  labels: Labels;
  /** Of its rule; "" where that is not known here. */
  expression: string;
  signal: Signal;
  /** Unix milliseconds: when the condition began to hold, when it fired, when it was over; NaN where it is not. */
  since: number;
  firesSince: number;
  until: number;
}

const before = 30 * 60_000;
const after = 10 * 60_000;
/** The times that an alert's evidence is looked for in: half an hour before it began until now, or a little after its end. */
export function evidenceRange(subject: Pick<Subject, "since" | "firesSince" | "until">, now: number): TimeRange {
  const began = Number.isFinite(subject.since) ? subject.since : Number.isFinite(subject.firesSince) ? subject.firesSince : now;
  const to = Number.isFinite(subject.until) ? Math.min(subject.until + after, now) : now;
  // Days of an old alert would hide its beginning.
  // What is to come has no lines yet, and the last samples would seem to go on.
  return { from: began - before, to: Math.min(to, began + 6 * 3_600_000) };
}

/** The graph of an alert, what to do about it (`actions`), and below what goes with it. The graph does not wait for the rest. */
export function Evidence({ subject, actions, height }: { subject: Subject; actions?: ReactNode; height?: number }) {
  const { range: page } = useTime();
  const { fingerprint, since, firesSince, until } = subject;
  const range = useMemo(() => evidenceRange({ since, firesSince, until }, page.to), [since, firesSince, until, page.to]);
  const found = useAnswerNow(["alert", "evidence", fingerprint], ({ signal }) => evidenceOf(fingerprint, signal), { enabled: fingerprint !== "" });
  const { data } = found;
  const expression = subject.expression || data?.alerts[0]?.expression || "";
  const stretches = useMemo(() => stretchesOf({ since, firesSince, until }, page.to), [since, firesSince, until, page.to]);
  const marks = useMemo<Mark[]>(() => (data?.deploys ?? []).map((one) => ({ time: Date.parse(one.time) / 1000, label: `${one.service} ${one.version}` })), [data]);

  return (
    <>
      {expression !== "" && (
        <EvidenceGraph name={subject.name} expression={expression} signal={subject.signal} range={range} labels={subject.labels} stretches={stretches} marks={marks} {...(height ? { height } : {})} />
      )}
      {actions}
      {fingerprint === "" ? (
        <Notice>Logs and traces are looked for when it fires.</Notice>
      ) : found.isPending ? (
        <Loading height={120} what="logs and traces" asked={found.asked} />
      ) : found.isError ? (
        <Failure error={found.error} retry={found.refetch} what="Looking for logs and traces" />
      ) : (
        data && (
          <>
            <WaitingLine of={found} />
            {data.traces && <Different query={data.traces.query} range={range} />}
            <div className={classes.parts}>
              {data.logs && data.logs.lines.length > 0 && <EvidenceLogs logs={data.logs} range={range} />}
              {data.traces && data.traces.items.length > 0 && <EvidenceTraces traces={data.traces} range={range} />}
              {data.deploys && data.deploys.length > 0 && <EvidenceChanges deploys={data.deploys} />}
            </div>
            {!data.logs && !data.traces ? (
              <div className={classes.missing}>No logs and no traces are known of what these labels name.</div>
            ) : (
              !data.logs?.lines.length && !data.traces?.items.length && <div className={classes.missing}>Nothing was logged and no span was received of what these labels name, around the time it began.</div>
            )}
            {(data.errors ?? []).map((one) => (
              <Notice key={one.part} action={{ label: "Ask again", run: () => void found.refetch() }}>
                Not complete: {one.part}: {one.error}
              </Notice>
            ))}
          </>
        )
      )}
    </>
  );
}

function stretchesOf({ since, firesSince, until }: Pick<Subject, "since" | "firesSince" | "until">, now: number): Stretch[] {
  const end = Number.isFinite(until) ? until : now;
  const out: Stretch[] = [];
  const fires = Number.isFinite(firesSince) ? firesSince : end;
  if (since < fires) out.push({ from: since / 1000, to: fires / 1000, level: "warn" });
  if (fires < end) out.push({ from: fires / 1000, to: end / 1000, level: "error" });
  return out;
}
