import { useMemo, type ReactNode } from "react";

import { evidenceOf, type Evidence as EvidenceFound } from "../../api/evidence";
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
import { EvidencePart } from "./EvidencePart";
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
  const found = useAnswerNow(["alert", "evidence", fingerprint], ({ signal }) => evidenceOf(fingerprint, undefined, signal), { enabled: fingerprint !== "" });
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
            <EvidencePart part="rule" name="The value now" fingerprint={fingerprint} whole={data} />
            <div className={classes.parts}>
              <EvidencePart part="logs" name="Logs" fingerprint={fingerprint} whole={data}>
                {({ logs }) => logs && logs.lines.length > 0 && <EvidenceLogs logs={logs} range={range} />}
              </EvidencePart>
              <EvidencePart part="traces" name="Traces" fingerprint={fingerprint} whole={data}>
                {({ traces }) => (
                  <>
                    {traces && (
                      <div className={classes.first}>
                        <Different query={traces.query} range={range} />
                      </div>
                    )}
                    {traces && traces.items.length > 0 && <EvidenceTraces traces={traces} range={range} />}
                  </>
                )}
              </EvidencePart>
              <EvidencePart part="deploys" name="Changes" fingerprint={fingerprint} whole={data}>
                {({ deploys }) => deploys && deploys.length > 0 && <EvidenceChanges deploys={deploys} />}
              </EvidencePart>
            </div>
            {nothingIn(data) && <div className={classes.missing}>{nothingIn(data)}</div>}
          </>
        )
      )}
    </>
  );
}

/** What to say where neither lines nor traces were found; "" where some were, or where it is not known. */
function nothingIn({ logs, traces, errors }: EvidenceFound): string {
  if (errors?.some(({ part }) => part === "logs" || part === "traces")) return "";
  if (!logs && !traces) return "No logs and no traces are known of what these labels name.";
  return logs?.lines.length || traces?.items.length ? "" : "Nothing was logged and no span was received of what these labels name, around the time it began.";
}

function stretchesOf({ since, firesSince, until }: Pick<Subject, "since" | "firesSince" | "until">, now: number): Stretch[] {
  const end = Number.isFinite(until) ? until : now;
  const out: Stretch[] = [];
  const fires = Number.isFinite(firesSince) ? firesSince : end;
  if (since < fires) out.push({ from: since / 1000, to: fires / 1000, level: "warn" });
  if (fires < end) out.push({ from: fires / 1000, to: end / 1000, level: "error" });
  return out;
}
