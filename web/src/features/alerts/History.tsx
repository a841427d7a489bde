import { Link } from "@tanstack/react-router";
import { useMemo } from "react";

import { alertChanges, attempts, type AlertChange, type Attempt } from "../../api/alertdesk";
import { LabelPills } from "../../components/LabelPills";
import { LongList } from "../../components/LongList";
import { Notice } from "../../components/Notice";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { filterMatchers, matches } from "../../lib/matchers";
import { formatTime } from "../../lib/timeFormat";
import { formatValue } from "../../lib/units";
import type { RawSearch } from "../../lib/urlState";
import { HappenedState } from "./AlertPage";
import { lanesOf } from "./history";
import { Lanes } from "./Lanes";
import { Undelivered } from "./Undelivered";
import classes from "./alerts.module.css";

const most = 1000;

/** When which alert fired, what people did about it, and every attempt to tell somebody. */
export function History({ filter }: { filter: string }) {
  const { range, zone } = useTime();
  const past = { start: new Date(range.from).toISOString(), end: new Date(range.to).toISOString(), limit: most };
  const changes = useAnswer(["alerts", "history"], ({ signal }) => alertChanges(past, signal));
  const told = useAnswer(["alerts", "attempts"], ({ signal }) => attempts(past, signal));
  const wanted = filter.trim().toLowerCase();
  const shown = useMemo(() => {
    const matchers = filterMatchers(filter);
    return (changes.data?.changes ?? []).filter((one) => (matchers ? matches(matchers, one.labels) : words(one).includes(wanted)));
  }, [changes.data, filter, wanted]);
  const names = useMemo(() => new Map((changes.data?.changes ?? []).map((one) => [one.fingerprint, one.rule])), [changes.data]);
  const tries = useMemo(
    () => (told.data?.attempts ?? []).filter((one) => triedWords(one, names).includes(wanted) || shown.some((change) => mentionsAlert(one, change.fingerprint) && wanted !== "")),
    [told.data, shown, names, wanted],
  );
  const lanes = useMemo(() => lanesOf(shown, told.data?.attempts ?? [], range, (ms) => formatTime(ms, zone)), [shown, told.data, range, zone]);

  return (
    <>
      <Panel title="Firing periods and deliveries" flush of={changes}>
        {changes.isPending ? (
          <Loading height={160} what="the history" />
        ) : changes.isError ? (
          <Failure error={changes.error} retry={changes.refetch} what="Asking for the history" />
        ) : lanes.length === 0 ? (
          <Empty title={filter === "" ? "No alert fired in this range" : "No alert matches in this range"} hint="Choose a longer range at the top." height={120} />
        ) : (
          <Lanes
            label="Alerts"
            range={range}
            zone={zone}
            lanes={lanes.slice(0, 100).map(({ labels, ...lane }) => ({
              ...lane,
              name: (
                <Link to="/alerts" search={(before: RawSearch) => ({ ...before, fp: lane.key, tab: undefined })}>
                  {labels.alertname} <LabelPills labels={labels} omit={["alertname", "severity"]} />
                </Link>
              ),
            }))}
          />
        )}
        {(changes.data?.more || lanes.length > 100) && <Notice>Only the newest {most} changes and 100 alerts are shown. Choose a shorter range or filter.</Notice>}
      </Panel>
      <Undelivered />
      <Panel title="What happened" flush of={changes}>
        <LongList label="Changes" rows={shown} rowKey={(one) => `${one.at} ${one.fingerprint} ${one.state}`} className={classes.list} itemClass={() => classes.happened} estimate={28}>
          {(one) => (
            <>
              <span className={classes.when}>{formatTime(Date.parse(one.at), zone)}</span>
              <HappenedState state={one.state} />
              <span className={classes.wrap}>
                <Link to="/alerts" search={(before: RawSearch) => ({ ...before, fp: one.fingerprint, tab: undefined })}>
                  {one.rule}
                </Link>{" "}
                <LabelPills labels={one.labels} omit={["alertname"]} />
                {typeof one.value === "number" && ` value ${formatValue(one.value)}`}
                {one.author && ` by ${one.author}`}
                {one.comment && `: ${one.comment}`}
              </span>
            </>
          )}
        </LongList>
        {changes.data?.more && <Notice>The newest {most} are listed. Choose a shorter range for those before.</Notice>}
      </Panel>
      <Panel title="Deliveries" flush of={told}>
        {told.isPending ? (
          <Loading height={80} what="deliveries" />
        ) : told.isError ? (
          <Failure error={told.error} retry={told.refetch} what="Asking for deliveries" />
        ) : tries.length === 0 ? (
          <Empty title="Nobody was told of anything in this range" height={80} />
        ) : (
          <LongList
            label="Deliveries"
            rows={tries}
            rowKey={(one) => `${one.notification} ${one.attempt} ${one.receiver} ${one.integration}`}
            className={classes.list}
            itemClass={() => classes.happened}
            estimate={28}
          >
            {(one) => (
              <>
                <span className={classes.when}>{formatTime(Date.parse(one.at), zone)}</span>
                <HappenedState state={one.status} />
                <span className={classes.wrap}>
                  <b>{one.receiver}</b> ({one.integration}), {one.reason}
                  {one.attempt > 1 && `, attempt ${one.attempt}`} in {formatValue(one.seconds, "s")}: {alertNames(one, names)}
                  {one.error && <span className={classes.error}> {one.error}</span>}
                </span>
              </>
            )}
          </LongList>
        )}
        {told.data?.more && <Notice>The newest {most} are listed. Choose a shorter range for those before.</Notice>}
      </Panel>
    </>
  );
}

function mentionsAlert(attempt: Attempt, fingerprint: string): boolean {
  return attempt.alerts.firing.includes(fingerprint) || attempt.alerts.resolved.includes(fingerprint);
}

function alertNames({ alerts }: Attempt, names: ReadonlyMap<string, string>): string {
  const of = (fingerprints: readonly string[], word: string): string[] => {
    const known = [...new Set(fingerprints.map((one) => names.get(one) ?? one))];
    return known.length === 0 ? [] : [`${known.join(", ")} ${word}`];
  };
  return [...of(alerts.firing, "firing"), ...of(alerts.resolved, "resolved")].join("; ");
}

function words(one: AlertChange): string {
  const labels = Object.entries(one.labels).map(([name, value]) => `${name}=${value}`);
  return [one.rule, one.state, one.author ?? "", ...labels].join(" ").toLowerCase();
}

function triedWords(one: Attempt, names: ReadonlyMap<string, string>): string {
  return [one.receiver, one.integration, one.status, one.groupKey, one.error ?? "", alertNames(one, names)].join(" ").toLowerCase();
}
