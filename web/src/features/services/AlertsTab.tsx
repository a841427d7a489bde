import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import type { ActiveAlert } from "../../api/rules";
import { slos, type Slo } from "../../api/slos";
import { AlertState } from "../../components/AlertState";
import { LabelPills } from "../../components/LabelPills";
import { Panel } from "../../components/Panel";
import { StateBadge } from "../../components/StateBadge";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { budgetText } from "../../lib/alerts";
import { formatLabels } from "../../lib/labels";
import { alertsPlace, newSloPlace, objectivesPlace } from "../../lib/links";
import { age, formatTime } from "../../lib/timeFormat";
import { formatValue } from "../../lib/units";
import { useServiceAlerts } from "./useServiceAlerts";
import classes from "./services.module.css";

/** What fires about a service, and the objectives that it has. */
export function AlertsTab({ service }: { service: string }) {
  return (
    <>
      <Active service={service} />
      <Objectives service={service} />
    </>
  );
}

function Active({ service }: { service: string }) {
  const { active, pending, error, retry } = useServiceAlerts(service);
  return (
    <Panel title="Alerts" flush actions={<Link {...alertsPlace(service)}>Open in Alerts</Link>}>
      {pending ? (
        <Loading what="alerts" />
      ) : error ? (
        <div className={classes.padded}>
          <Failure error={error} retry={retry} what="Asking for alerts" />
        </div>
      ) : active.length === 0 ? (
        <Empty title="No alert about it is pending or fires" hint="Alerts belong to it whose labels name it: service, service_name or job." height={120} />
      ) : (
        <ul className={classes.list} data-whole aria-label="Alerts">
          {active.map((alert) => (
            <Alert key={formatLabels(alert.labels)} alert={alert} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Alert({ alert: { labels, annotations, state, activeAt, value } }: { alert: ActiveAlert }) {
  const { zone } = useTime();
  const since = Date.parse(activeAt ?? "");
  const name = labels.alertname ?? "";
  return (
    <li className={classes.item}>
      <div className={classes.itemHead}>
        <AlertState state={state} severity={labels.severity} />
        <Link className={classes.strong} {...alertsPlace(name)}>
          {name}
        </Link>
        <span className={classes.message}>{annotations.summary ?? annotations.description ?? ""}</span>
        <span className={classes.when}>
          value {formatValue(Number(value))}
          {Number.isFinite(since) && <time title={formatTime(since, zone)}>, {age(since, Date.now())}</time>}
        </span>
      </div>
      <div className={classes.under}>
        <LabelPills labels={labels} omit={["alertname"]} />
      </div>
    </li>
  );
}

function Objectives({ service }: { service: string }) {
  const { tick } = useTime();
  const all = useQuery({ queryKey: ["slos", tick], queryFn: ({ signal }) => slos(signal) });
  const own = (all.data ?? []).filter((one) => (one.service ?? one.indicator.span_metrics?.service) === service);
  return (
    <Panel title="Objectives" flush busy={all.isPlaceholderData} actions={<Link {...newSloPlace(service)}>New objective</Link>}>
      {all.isPending ? (
        <Loading height={84} what="objectives" />
      ) : all.isError ? (
        <div className={classes.padded}>
          <Failure error={all.error} retry={all.refetch} what="Asking for objectives" />
        </div>
      ) : own.length === 0 ? (
        <Empty title="It has no objective" hint="Say how many of its calls are to be good; alerts on burn rates come with it." height={84} />
      ) : (
        <ul className={classes.list} data-whole aria-label="Objectives">
          {own.map((slo) => (
            <Objective key={slo.name} slo={slo} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Objective({ slo: { name, good, objective, window, budgetRemaining, burnRate } }: { slo: Slo }) {
  const tone = budgetRemaining === null ? "muted" : budgetRemaining <= 0 ? "critical" : (burnRate ?? 0) > 1 ? "warn" : "ok";
  const word = { muted: "no data", critical: "exhausted", warn: "burning", ok: "met" }[tone];
  return (
    <li className={classes.item}>
      <div className={classes.itemHead}>
        <StateBadge tone={tone}>{word}</StateBadge>
        <Link className={classes.strong} {...objectivesPlace(name)}>
          {name}
        </Link>
        <span>
          {formatValue(good, "percentunit", 3)} good of {objective} % wanted in {window ?? "30d"}
        </span>
        <span className={classes.when}>
          {budgetRemaining === null ? "" : budgetText(budgetRemaining)}
          {burnRate === null ? "" : `, burns ${formatValue(burnRate, "none", 2)} × as fast as it may`}
        </span>
      </div>
    </li>
  );
}
