import type { NotifiedAlert } from "../../api/alertmanager";
import type { ActiveAlert, RuleGroup } from "../../api/rules";
import { sortAlerts } from "../../lib/alerts";
import { formatLabels, type Labels } from "../../lib/labels";
import { filterMatchers, matches } from "../../lib/matchers";
import { serviceOf } from "../../lib/service";
import type { AlertingRule } from "./filter";

/** An alert that is pending or fires: what its rule says, what those who notify say, or both. */
export interface Firing {
  /** Stable while the alert lasts. */
  key: string;
  name: string;
  state: "pending" | "firing";
  labels: Labels;
  annotations: Labels;
  /** When the condition began to hold, and from when on it fires; Unix milliseconds, NaN where unknown. */
  since: number;
  firesSince: number;
  /** The expression's value, as Prometheus writes floats. */
  value: string | undefined;
  rule: AlertingRule | undefined;
  /** Absent for what is pending, and where nothing notifies. */
  notified: NotifiedAlert | undefined;
}

/** Rules' alerts with what is known of their notifications; and alerts that others sent. The gravest first. */
export function firingOf(groups: readonly RuleGroup[], notified: readonly NotifiedAlert[]): Firing[] {
  const left = new Unmatched(notified);
  const own = groups.flatMap((group) =>
    group.rules.flatMap((rule) => (rule.type === "alerting" ? rule.alerts.map((alert) => ofRule(rule, alert, left)) : [])),
  );
  const others = [...left.rest].map(
    (alert): Firing => ({
      key: alert.fingerprint,
      name: alert.labels.alertname ?? "",
      state: "firing",
      labels: alert.labels,
      annotations: alert.annotations,
      since: Date.parse(alert.startsAt),
      firesSince: Date.parse(alert.startsAt),
      value: undefined,
      rule: undefined,
      notified: alert,
    }),
  );
  const all = [...own, ...others].map((one) => ({ ...one, activeAt: Number.isFinite(one.since) ? new Date(one.since).toISOString() : "" }));
  return sortAlerts(all);
}

function ofRule(rule: AlertingRule, alert: ActiveAlert, left: Unmatched): Firing {
  const match = alert.state === "firing" ? left.take(alert.labels) : undefined;
  const state = alert.state === "firing" ? "firing" : "pending";
  return {
    key: match?.fingerprint ?? formatLabels(alert.labels),
    name: rule.name,
    state,
    labels: match?.labels ?? alert.labels,
    annotations: alert.annotations,
    since: Date.parse(alert.activeAt ?? ""),
    firesSince: match ? Date.parse(match.startsAt) : NaN,
    value: alert.value,
    rule,
    notified: match,
  };
}

/** Alerts that people are notified of, until the rule of each is found. There may be many thousands. */
class Unmatched {
  readonly rest: Set<NotifiedAlert>;
  private readonly byLabel = new Map<string, Set<NotifiedAlert>>();

  constructor(notified: readonly NotifiedAlert[]) {
    this.rest = new Set(notified);
    for (const one of notified) {
      for (const [name, value] of Object.entries(one.labels)) {
        const label = `${name}=${value}`;
        const having = this.byLabel.get(label);
        if (having) having.add(one);
        else this.byLabel.set(label, new Set([one]));
      }
    }
  }

  /** The one with all of `labels` and the fewest besides: external labels are added on the way. It is not given twice. */
  take(labels: Labels): NotifiedAlert | undefined {
    const all = Object.entries(labels);
    let among = this.rest;
    for (const [name, value] of all) {
      const having = this.byLabel.get(`${name}=${value}`);
      if (!having) return undefined;
      if (having.size < among.size) among = having;
    }
    let best: NotifiedAlert | undefined;
    for (const one of among) {
      if (!all.every(([name, value]) => one.labels[name] === value)) continue;
      if (!best || Object.keys(one.labels).length < Object.keys(best.labels).length) best = one;
    }
    if (best) {
      this.rest.delete(best);
      for (const [name, value] of Object.entries(best.labels)) this.byLabel.get(`${name}=${value}`)?.delete(best);
    }
    return best;
  }
}

/** What alerts are grouped by. */
export const groupings = ["service", "alertname", "severity", "namespace", "none"] as const;
export type Grouping = (typeof groupings)[number];

/** Alerts under headings, in the order in which their first comes. */
export function grouped(alerts: readonly Firing[], by: Grouping): [heading: string, alerts: Firing[]][] {
  const groups = new Map<string, Firing[]>();
  for (const alert of alerts) {
    const heading = headingOf(alert, by);
    const group = groups.get(heading);
    if (group) group.push(alert);
    else groups.set(heading, [alert]);
  }
  return [...groups];
}

function headingOf({ labels, name }: Firing, by: Grouping): string {
  switch (by) {
    case "service":
      return serviceOf(labels) || "No service";
    case "alertname":
      return name;
    case "severity":
      return labels.severity ?? "No severity";
    case "namespace":
      return labels.namespace ?? labels.k8s_namespace_name ?? labels.service_namespace ?? (labels.job?.includes("/") ? (labels.job.split("/")[0] ?? "") : "No namespace");
    case "none":
      return "All alerts";
  }
}

/** Whether a word is in an alert's name, labels or annotations; or whether it satisfies matchers, in which `receiver` is who is told. */
export function mentions({ name, labels, annotations, notified }: Firing, filter: string): boolean {
  const receivers = (notified?.receivers ?? []).map((one) => one.name);
  const matchers = filterMatchers(filter);
  if (matchers) {
    const own = matches(matchers, labels);
    return own || receivers.some((receiver) => matches(matchers, { ...labels, receiver }));
  }
  const wanted = filter.trim().toLowerCase();
  const pairs = [...Object.entries(labels), ...Object.entries(annotations), ...receivers.map((receiver) => ["receiver", receiver])].map(([key, value]) => `${key}=${value}`);
  return [name, ...pairs].some((text) => text.toLowerCase().includes(wanted));
}

/** Why nobody is told of an alert now, in a few words; "" if somebody is. */
export function quietBecause({ notified }: Firing): string {
  if (!notified) return "";
  const { silencedBy, inhibitedBy, mutedBy } = notified.status;
  if (silencedBy.length > 0) return "silenced";
  if (inhibitedBy.length > 0) return "inhibited by another alert";
  if (mutedBy && mutedBy.length > 0) return `muted by ${mutedBy.join(", ")}`;
  return "";
}
