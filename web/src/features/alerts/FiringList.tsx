import { Select } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import type { RawSearch } from "../../lib/urlState";
import { AlertState } from "../../components/AlertState";
import { LabelPills } from "../../components/LabelPills";
import { Empty } from "../../components/status";
import { useGo } from "../../components/useGo";
import { useListKeys } from "../../components/useListKeys";
import { useTime } from "../../components/time/TimeContext";
import { ruleUnit, splitComparison } from "../../lib/alerts";
import { address } from "../../lib/foreign/address";
import { formatLabels } from "../../lib/labels";
import { age, formatTime } from "../../lib/timeFormat";
import { formatValue } from "../../lib/units";
import { AlertActions } from "./AlertActions";
import { Evidence, evidenceRange, type Subject } from "./Evidence";
import { grouped, groupings, quietBecause, type Firing, type Grouping } from "./firing";
import { Sections } from "./Sections";
import type { Telling } from "./told";
import { useMuteReceivers } from "./useMuteReceivers";
import { useTellings } from "./useTellings";
import classes from "./alerts.module.css";

interface FiringListProps {
  alerts: readonly Firing[];
  /** Of all, for previews of silences. */
  all: readonly Firing[];
  by: Grouping;
  onBy: (by: Grouping) => void;
  /** Key or labels of the alert whose evidence is open; "" is the first one's, "none" nobody's. */
  open: string;
  onOpen: (key: string) => void;
}

/** What is pending or fires, under headings; the evidence of one is open, and `j` and `k` open that of the next. */
export function FiringList({ alerts, all, by, onBy, open, onOpen }: FiringListProps) {
  const go = useGo();
  const groups = grouped(alerts, by);
  const order = groups.flatMap(([, group]) => group.map((alert) => alert.key));
  const shown = open === "" ? order[0] : (alerts.find((one) => formatLabels(one.labels) === open)?.key ?? open);
  useListKeys({
    onMove: (step) => {
      const next = order[Math.min(Math.max(order.indexOf(shown ?? "") + step, 0), order.length - 1)];
      if (next !== undefined) onOpen(next);
    },
    onOpen: () => {
      const fp = alerts.find((one) => one.key === shown)?.notified?.fingerprint;
      if (fp !== undefined) go(address("/alerts", { fp }));
    },
    onClose: () => onOpen("none"),
  });
  if (alerts.length === 0) {
    return all.length > 0 ? (
      <Empty title="No active alert matches" hint="Clear the filter to see all." height={240} />
    ) : (
      <Empty title="Nothing fires" hint="No alerting rule is pending or firing now." height={240} />
    );
  }
  return (
    <>
      <Select
        className={classes.by}
        size="xs"
        aria-label="Group by"
        allowDeselect={false}
        data={groupings.map((value) => ({ value, label: value === "none" ? "No groups" : `By ${value}` }))}
        value={by}
        onChange={(value) => onBy((value ?? "service") as Grouping)}
      />
      <Sections
        label="Alerts"
        sections={groups.map(([heading, group]) => ({ key: heading, title: heading, note: <span className={classes.muted}>{counts(group)}</span>, label: `Alerts of ${heading}`, rows: group }))}
        rowKey={(alert) => alert.key}
        active={shown}
      >
        {(alert) => <Row alert={alert} all={all} open={alert.key === shown} onToggle={() => onOpen(alert.key === shown ? "none" : alert.key)} />}
      </Sections>
    </>
  );
}

function counts(group: readonly Firing[]): string {
  const firing = group.filter((one) => one.state === "firing").length;
  const pending = group.length - firing;
  return [firing > 0 ? `${firing} firing` : "", pending > 0 ? `${pending} pending` : ""].filter((part) => part !== "").join(" · ");
}

function Row({ alert, all, open, onToggle }: { alert: Firing; all: readonly Firing[]; open: boolean; onToggle: () => void }) {
  const { range } = useTime();
  const subject = subjectOf(alert);
  return (
    <>
      <AlertHead alert={alert} />
      <div className={classes.cardHead}>
        <LabelPills labels={alert.labels} omit={["alertname"]} />
        <span className={classes.links}>
          <button type="button" className={classes.textButton} aria-expanded={open} onClick={onToggle}>
            {open ? "Hide evidence" : "Evidence"}
          </button>
          {alert.notified && (
            <Link to="/alerts" search={(before: RawSearch) => ({ ...before, fp: alert.notified?.fingerprint, tab: undefined })}>
              Own page
            </Link>
          )}
        </span>
      </div>
      {open && (
        <div className={classes.evidence}>
          <Evidence subject={subject} actions={<AlertActions alert={alert} range={evidenceRange(subject, range.to)} all={all} />} />
        </div>
      )}
    </>
  );
}

/** State, name (unless it stands above), words, age and value of an alert, and who has heard of it. */
export function AlertHead({ alert, named = true }: { alert: Firing; named?: boolean }) {
  const { zone } = useTime();
  const { summary, description } = alert.annotations;
  const comparison = alert.rule ? splitComparison(alert.rule.query) : undefined;
  const unit = alert.rule ? ruleUnit(alert.rule.query) : "short";
  const quiet = quietBecause(alert);
  const mute = useMuteReceivers();
  const told = useTellings();
  const heard = alert.notified?.receivers.flatMap(({ name }) => (mute.has(name) ? [] : [name])) ?? [];
  const acked = alert.notified?.acknowledgement;
  return (
    <>
      <div className={classes.cardHead}>
        <AlertState state={alert.state} severity={alert.labels.severity} />
        {named && <strong>{alert.name}</strong>}
        <span>{summary ?? formatLabels(alert.labels)}</span>
        {Number.isFinite(alert.since) && (
          <span className={classes.muted} title={formatTime(alert.since, zone)}>
            {age(alert.since, Date.now())}
          </span>
        )}
        {alert.value !== undefined && (
          <span className={classes.value}>
            value <b>{formatValue(Number(alert.value), unit)}</b>
            {comparison && <span className={classes.muted}> against {formatValue(comparison.threshold, unit)}</span>}
          </span>
        )}
      </div>
      {description && <div className={classes.muted}>{description}</div>}
      {alert.notified && (
        <div className={classes.muted}>
          {quiet !== "" ? (
            <>
              <b>Nobody is told: {quiet}. </b>
              {alert.notified.status.silencedBy[0] !== undefined && (
                <>
                  <Link to="/alerts" search={(before: RawSearch) => ({ ...before, tab: "silences", filter: alert.notified?.status.silencedBy[0], fp: undefined })}>
                    The silence
                  </Link>
                  {". "}
                </>
              )}
            </>
          ) : heard.length > 0 ? (
            <Told receivers={heard} tellings={told(alert.notified.fingerprint)} />
          ) : (
            <>
              <b>Nobody is told</b>: no receiver with an integration takes it.{" "}
              <Link to="/alerts" search={(before: RawSearch) => ({ ...before, tab: "routing", fp: undefined })}>
                Routing
              </Link>
              {". "}
            </>
          )}
          {acked && (
            <span>
              Seen to by <b>{acked.owner}</b> {age(Date.parse(acked.at), Date.now())}
              {acked.comment && `: ${acked.comment}`}.
            </span>
          )}
        </div>
      )}
    </>
  );
}

/** Whether those were reached who are to hear of an alert. */
function Told({ receivers, tellings }: { receivers: readonly string[]; tellings: readonly Telling[] }) {
  const { zone } = useTime();
  const silent = receivers.filter((name) => !tellings.some((one) => one.receiver === name));
  return (
    <>
      {tellings
        .filter(({ receiver }) => receivers.includes(receiver))
        .map(({ receiver, integration, at, delivered, error }) => (
          <span key={`${receiver} ${integration}`} title={formatTime(at, zone)} className={delivered ? undefined : classes.error}>
            {delivered ? "Told to" : "Not delivered to"} {receiver} ({integration}) {age(at, Date.now())}
            {error !== "" && `: ${error}`}
            {". "}
          </span>
        ))}
      {silent.length > 0 && <>Goes to {silent.join(", ")}. </>}
    </>
  );
}

/** What evidence is looked for of an alert. */
export function subjectOf(alert: Firing): Subject {
  return {
    name: alert.name,
    fingerprint: alert.notified?.fingerprint ?? "",
    labels: alert.labels,
    expression: alert.rule?.query ?? "",
    signal: alert.rule?.signal ?? "metrics",
    since: alert.since,
    firesSince: alert.firesSince,
    until: NaN,
  };
}
