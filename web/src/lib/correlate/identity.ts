import type { Labels } from "../labels";

/** A thing that all signals tell of, and what each calls it. */
export interface Identity {
  id: "service" | "namespace" | "pod" | "host";
  /** Labels and attributes that name it, the surest first. */
  names: readonly string[];
  /** The label of log streams. */
  logs: string;
  /** The attribute of spans, as TraceQL has it. */
  traces: string;
  /** Labels of metrics, as OTLP makes them and as Prometheus' exporters do. */
  metrics: readonly [otlp: string, exporters: string];
}

/** What signals have in common, the widest first. */
export const identities: readonly Identity[] = [
  { id: "service", names: ["service.name", "service_name", "service", "job"], logs: "service_name", traces: "resource.service.name", metrics: ["service_name", "job"] },
  { id: "namespace", names: ["k8s.namespace.name", "k8s_namespace_name", "namespace"], logs: "k8s_namespace_name", traces: "resource.k8s.namespace.name", metrics: ["k8s_namespace_name", "namespace"] },
  { id: "pod", names: ["k8s.pod.name", "k8s_pod_name", "pod"], logs: "k8s_pod_name", traces: "resource.k8s.pod.name", metrics: ["k8s_pod_name", "pod"] },
  { id: "host", names: ["host.name", "host_name", "instance"], logs: "host_name", traces: "resource.host.name", metrics: ["host_name", "instance"] },
];

/** What a subject's labels say it is, by identity. */
export type Known = Partial<Record<Identity["id"], string>>;

/** Reads identities out of labels or attributes. */
export function identify(labels: Labels): Known {
  const known: Known = {};
  for (const { id, names } of identities) {
    for (const name of names) {
      const value = normal(name, labels[name]);
      if (value === undefined) continue;
      known[id] = value;
      break;
    }
  }
  return known;
}

function normal(name: string, value: string | undefined): string | undefined {
  if (!value) return undefined;
  // OTLP's job is "namespace/name" of the service.
  if (name === "job") return value.split("/").at(-1) || undefined;
  // An instance is a host where it has a port; OTLP's is the id of a service's instance.
  if (name === "instance") return /^(.+):\d+$/.exec(value)?.[1]?.replace(/^\[(.*)\]$/, "$1");
  return value;
}

/** LogQL matchers for what is known, without braces. */
export function logMatchers(known: Known): string {
  return identities.flatMap(({ id, logs }) => (known[id] === undefined ? [] : [`${logs}=${JSON.stringify(known[id])}`])).join(", ");
}

/** TraceQL conditions for what is known, without braces. */
export function traceConditions(known: Known): string {
  return identities.flatMap(({ id, traces }) => (known[id] === undefined ? [] : [`${traces} = ${JSON.stringify(known[id])}`])).join(" && ");
}
