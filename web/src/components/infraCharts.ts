import type { ChartPanel } from "./QueryPanel";

const window = "[$__rate_interval]";

/** What something runs on, by the names that its resources give. */
export interface Ground {
  pods: readonly string[];
  hosts: readonly string[];
}

/** Charts of what a service runs on: the metrics of its own processes, of its pods, and of the hosts that its resources name. */
export function infraCharts(service: string, profile: Ground | undefined): readonly ChartPanel[] {
  const job = `job=~${literal(`(.+/)?${escape(service)}`)}`;
  const named = `service_name=${literal(service)}`;
  const pods = profile?.pods ?? [];
  const hosts = profile?.hosts ?? [];
  const pod = pods.length === 0 ? undefined : { exporters: `pod=~${oneOf(pods)}`, otlp: `k8s_pod_name=~${oneOf(pods)}` };
  const ofPods = (...queries: string[]): string[] => (pod ? queries : []);
  const absent = pod
    ? "Neither its processes nor the containers of its pods send such a metric."
    : "Its processes send no such metric, and its resources name no pod (k8s.pod.name).";
  const own: ChartPanel[] = [
    {
      title: "CPU, in cores",
      unit: "short",
      absent,
      query: either(
        `sum by (instance) (rate(process_cpu_seconds_total{${job}}${window}))`,
        `sum by (service_instance_id) (rate(process_cpu_time_seconds_total{${named}}${window}) or rate(jvm_cpu_time_seconds_total{${named}}${window}))`,
        ...ofPods(`sum by (pod) (rate(container_cpu_usage_seconds_total{${pod?.exporters}, container!=""}${window}))`, `sum by (k8s_pod_name) (k8s_pod_cpu_usage{${pod?.otlp}})`),
      ),
    },
    {
      title: "Memory",
      unit: "bytes",
      absent,
      query: either(
        `sum by (instance) (process_resident_memory_bytes{${job}})`,
        `sum by (service_instance_id) (process_memory_usage_bytes{${named}} or jvm_memory_used_bytes{${named}})`,
        ...ofPods(`sum by (pod) (container_memory_working_set_bytes{${pod?.exporters}, container!=""})`, `sum by (k8s_pod_name) (k8s_pod_memory_working_set_bytes{${pod?.otlp}})`),
      ),
    },
    {
      title: "Restarts",
      unit: "short",
      kind: "stackedBars",
      absent,
      query: either(
        `sum by (instance) (changes(process_start_time_seconds{${job}}${window}))`,
        ...ofPods(
          `sum by (pod) (increase(kube_pod_container_status_restarts_total{${pod?.exporters}}${window}))`,
          `sum by (k8s_pod_name) (delta(k8s_container_restarts{${pod?.otlp}}${window}))`,
        ),
      ),
    },
  ];
  if (hosts.length === 0) return own;
  const host = { exporters: `instance=~${literal(`(${hosts.map(escape).join("|")})(:[0-9]+)?`)}`, otlp: `host_name=~${oneOf(hosts)}` };
  const absentHost = "No exporter of these hosts (node_exporter, the collector's hostmetrics) sends here.";
  return [
    ...own,
    {
      title: "CPU of its hosts",
      unit: "percentunit",
      absent: absentHost,
      query: either(
        `1 - avg by (instance) (rate(node_cpu_seconds_total{${host.exporters}, mode="idle"}${window}))`,
        `1 - avg by (host_name) (rate(system_cpu_time_seconds_total{${host.otlp}, state="idle"}${window}))`,
      ),
    },
    {
      title: "Memory of its hosts",
      unit: "percentunit",
      absent: absentHost,
      query: either(
        `1 - node_memory_MemAvailable_bytes{${host.exporters}} / node_memory_MemTotal_bytes{${host.exporters}}`,
        `sum by (host_name) (system_memory_usage_bytes{${host.otlp}, state="used"}) / sum by (host_name) (system_memory_usage_bytes{${host.otlp}})`,
      ),
    },
  ];
}

function either(...queries: string[]): string {
  return queries.length === 1 ? (queries[0] ?? "") : queries.map((query) => `(${query})`).join("\nor ");
}

function oneOf(names: readonly string[]): string {
  return literal(names.map(escape).join("|"));
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function literal(text: string): string {
  return JSON.stringify(text);
}
