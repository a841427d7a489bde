import { Link } from "@tanstack/react-router";

import { alertChanges, attempts, type AlertChange } from "../../api/alertdesk";
import { AlertState } from "../../components/AlertState";
import { LabelPills } from "../../components/LabelPills";
import { usePageTitle } from "../../components/pageTitle";
import { Panel } from "../../components/Panel";
import { StateBadge } from "../../components/StateBadge";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useCurrent } from "../../components/useAnswerNow";
import { age, formatTime } from "../../lib/timeFormat";
import type { RawSearch } from "../../lib/urlState";
import { AlertActions } from "./AlertActions";
import type { AlertingRule } from "./filter";
import { Evidence, evidenceRange, type Subject } from "./Evidence";
import { AlertHead, subjectOf } from "./FiringList";
import type { Firing } from "./firing";
import { useFiring } from "./useFiring";
import classes from "./alerts.module.css";

/** One alert, where a notification's link leads: its graph, the evidence, and what to do. Also of one that is over. */
export function AlertPage({ fingerprint }: { fingerprint: string }) {
  const { range } = useTime();
  const { alerts, groups, pending, error, retry, answer } = useFiring();
  const past = useCurrent(["alert", "past", fingerprint], ({ signal }) => alertChanges({ fingerprint, limit: 100 }, signal));
  const alert = alerts.find((one) => one.notified?.fingerprint === fingerprint);
  const subject = alert ? subjectOf(alert) : past.data ? overSubject(fingerprint, past.data.changes, rulesOf(groups)) : undefined;
  usePageTitle(subject?.name ?? "Alert", "Alerts");

  const back = (
    <Link to="/alerts" search={({ fp: _, ...before }: RawSearch) => before}>
      All alerts
    </Link>
  );
  if (!subject) {
    if (pending || past.isPending) return <Loading as="page" height={320} what="the alert" asked={[...answer.asked, ...past.asked]} />;
    if (error ?? past.error) return <Failure error={error ?? past.error} retry={retry} what="Asking for the alert" />;
    return <Empty title={`No alert ${fingerprint} is known`} hint={<>It may be older than the history that is kept, or of another server. {back}</>} height={240} />;
  }
  return (
    <div className={classes.page}>
      <div className={classes.crumb}>{back}</div>
      <Panel title={subject.name} of={answer}>
        {alert ? <AlertHead alert={alert} named={false} /> : <OverHead subject={subject} changes={past.data?.changes ?? []} />}
        <LabelPills labels={subject.labels} omit={["alertname"]} />
        <div className={classes.evidence}>
          <Evidence subject={subject} height={200} actions={alert && <AlertActions alert={alert} range={evidenceRange(subject, range.to)} all={alerts} />} />
        </div>
      </Panel>
      <Happened fingerprint={fingerprint} changes={past.data?.changes ?? []} />
    </div>
  );
}

function rulesOf(groups: ReturnType<typeof useFiring>["groups"]): AlertingRule[] {
  return groups.flatMap((group) => group.rules.flatMap((rule) => (rule.type === "alerting" ? [rule] : [])));
}

/** The last time that an alert fired, going by its history, newest first. */
function overSubject(fingerprint: string, changes: readonly AlertChange[], rules: readonly AlertingRule[]): Subject | undefined {
  const [newest] = changes;
  if (!newest) return undefined;
  const end = changes.findIndex((one) => one.state === "resolved" || one.state === "inactive");
  const latest = changes.slice(Math.max(end, 0));
  const cut = latest.slice(1).findIndex((one) => one.state === "resolved" || one.state === "inactive");
  const times = cut < 0 ? latest : latest.slice(0, cut + 1);
  const at = (state: AlertChange["state"]): number => Date.parse(times.find((one) => one.state === state)?.at ?? "");
  const rule = rules.find((one) => one.name === newest.rule);
  const firesSince = at("firing");
  const since = at("pending");
  return {
    name: newest.rule,
    fingerprint,
    labels: newest.labels,
    expression: rule?.query ?? "",
    signal: rule?.signal ?? "metrics",
    since: Number.isFinite(since) ? since : firesSince,
    firesSince,
    until: end < 0 ? NaN : Date.parse(changes[end]?.at ?? ""),
  };
}

function OverHead({ subject, changes }: { subject: Subject; changes: readonly AlertChange[] }) {
  const { zone } = useTime();
  const annotations: Firing["annotations"] = changes[0]?.annotations ?? {};
  return (
    <div className={classes.cardHead}>
      <StateBadge tone="ok">over</StateBadge>
      <span>{annotations.summary}</span>
      {Number.isFinite(subject.until) && (
        <span className={classes.muted} title={formatTime(subject.until, zone)}>
          ended {age(subject.until, Date.now())}
        </span>
      )}
    </div>
  );
}

/** What happened to the alert, and who was told of it. */
function Happened({ fingerprint, changes }: { fingerprint: string; changes: readonly AlertChange[] }) {
  const { zone } = useTime();
  const told = useCurrent(["alert", "told", fingerprint], ({ signal }) => attempts({ fingerprint, limit: 100 }, signal));
  const rows = [
    ...changes.map((one) => ({ at: one.at, key: `${one.at} ${one.state}`, state: one.state as string, text: [one.author, one.comment].filter(Boolean).join(": ") })),
    ...(told.data?.attempts ?? []).map((one) => ({
      at: one.at,
      key: `${one.notification} ${one.attempt} ${one.integration}`,
      state: one.status as string,
      text: `${one.receiver} (${one.integration}): ${one.reason}${one.error ? `: ${one.error}` : ""}`,
    })),
  ].toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
  return (
    <Panel title="What happened" flush of={told}>
      {told.isError && <Failure error={told.error} retry={told.refetch} what="Asking who was told" />}
      {rows.length === 0 ? (
        <Empty title="Nothing is in the history yet" height={80} />
      ) : (
        <ul className={classes.list} aria-label="What happened">
          {rows.slice(0, 50).map((row) => (
            <li key={row.key} className={classes.happened}>
              <span className={classes.when}>{formatTime(Date.parse(row.at), zone)}</span>
              <HappenedState state={row.state} />
              <span className={classes.wrap}>{row.text}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** The state of a change or of an attempt to deliver. */
export function HappenedState({ state }: { state: string }) {
  switch (state) {
    case "failed":
      return <StateBadge tone="warn">failed</StateBadge>;
    case "refused":
      return <StateBadge tone="error">refused</StateBadge>;
    case "delivered":
    case "resolved":
      return <StateBadge tone="ok">{state}</StateBadge>;
    case "acknowledged":
    case "unacknowledged":
    case "snoozed":
      return <StateBadge tone="info">{state}</StateBadge>;
    default:
      return <AlertState state={state} />;
  }
}
