import { newRulePlace, servicePlace, type Place } from "../../lib/links";

/** What has come, as far as it tells what to look at first. */
export interface Come {
  /** "metrics", "logs", "spans". */
  signals: readonly string[];
  /** Names of metrics. */
  metrics: readonly string[];
  /** A service that sends, or "". */
  service: string;
}

export interface Suggestion {
  title: string;
  place: Place;
}

// Dashboards that come with Oriel, by the metrics that they show.
const boards: readonly [metric: RegExp, uid: string, title: string][] = [
  [/^kube_pod_|^k8s_pod_/, "oriel-k8s-cluster", "Kubernetes"],
  [/^node_cpu_seconds_total$|^system_cpu_/, "oriel-host", "Host"],
  [/^pg_stat_|^postgresql_/, "oriel-postgresql", "PostgreSQL"],
  [/^redis_/, "oriel-redis", "Redis"],
  [/^kafka_/, "oriel-kafka", "Kafka"],
  [/^nginx_/, "oriel-nginx", "Nginx"],
  [/^jvm_/, "oriel-jvm", "JVM"],
];

/** The next steps that fit what has come: a dashboard, a service, a first alert. */
export function suggestions(come: Come): Suggestion[] {
  return [boardOf(come), ...(come.service === "" ? [] : [{ title: `The service ${come.service}`, place: servicePlace(come.service) }]), alertOf(come)].filter((one) => one !== undefined);
}

function boardOf({ signals, metrics }: Come): Suggestion | undefined {
  const found = boards.find(([metric]) => metrics.some((name) => metric.test(name)));
  const [uid, title] = found ? [found[1], found[2]] : signals.includes("spans") ? ["oriel-services", "Services: rate, errors, duration"] : signals.includes("logs") ? ["oriel-logs", "Log volume"] : [];
  return uid === undefined ? undefined : { title: `The dashboard ${title}`, place: { to: "/d/$uid", params: { uid }, search: ({ from, to, tz, refresh }) => ({ from, to, tz, refresh }) } };
}

function alertOf({ signals, metrics, service }: Come): Suggestion | undefined {
  const name = service.replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => (next ?? "").toUpperCase()).replace(/^./, (first) => first.toUpperCase());
  if (signals.includes("spans") && service !== "") {
    return { title: `A first alert: ${service} fails`, place: newRulePlace(`{ resource.service.name = ${JSON.stringify(service)} && status = error } | rate() > 0.1`, { signal: "traces", name: `${name}Fails` }) };
  }
  if (signals.includes("logs") && service !== "") {
    return { title: `A first alert: ${service} logs errors`, place: newRulePlace(`sum(count_over_time({service_name=${JSON.stringify(service)}} | detected_level="error" [5m])) > 10`, { signal: "logs", name: `${name}LogsErrors` }) };
  }
  if (!signals.includes("metrics")) return undefined;
  if (metrics.includes("up")) return { title: "A first alert: a target is down", place: newRulePlace("up == 0", { name: "TargetDown" }) };
  const [one] = metrics;
  return one === undefined ? undefined : { title: `A first alert: ${one} is missing`, place: newRulePlace(`absent(${one})`, { name: "NothingArrives" }) };
}
