import { compact, isObj, str } from "./json";
import type { DashboardInput, SourceRef } from "./model";

export function readSource(value: unknown): SourceRef {
  if (typeof value === "string") return value === "" || value === "default" ? null : value;
  if (!isObj(value)) return null;
  const type = str(value.type);
  const uid = str(value.uid);
  if (type === "" && uid === "") return null;
  return compact({ type: type || undefined, uid: uid || undefined }) as { type?: string; uid?: string };
}


/** The kinds of data sources that are spoken. */
export type SourceType = "prometheus" | "loki" | "tempo" | "jaeger" | "alertmanager";

/** A data source of this server: one of its own, or a remote one that it forwards to. */
export interface Source {
  uid: string;
  name: string;
  type: SourceType;
  /** Path that its API's own paths are appended to, such as "/tempo"; "" for those at the root. */
  base: string;
  isDefault: boolean;
}

/** What the sources of Oriel itself are, where the server lists none. */
export const localSources: readonly Source[] = [
  { uid: "prometheus", name: "Prometheus", type: "prometheus", base: "", isDefault: true },
  { uid: "loki", name: "Loki", type: "loki", base: "", isDefault: false },
  { uid: "tempo", name: "Tempo", type: "tempo", base: "/tempo", isDefault: false },
  { uid: "jaeger", name: "Jaeger", type: "jaeger", base: "/jaeger", isDefault: false },
  { uid: "alertmanager", name: "Alertmanager", type: "alertmanager", base: "/alertmanager", isDefault: false },
];

/** What a reference leads to. */
export type Resolved =
  | { kind: "source"; source: Source }
  /** Each target has its own. */
  | { kind: "mixed" }
  /** The answer of another panel. */
  | { kind: "dashboard" }
  /** What this server knows itself: annotations, alerts, dashboards. */
  | { kind: "grafana" }
  | { kind: "expression" }
  | { kind: "unknown"; reason: string };

// Types of plugins that speak an API we have.
const spoken: Record<string, SourceType> = {
  prometheus: "prometheus",
  "victoriametrics-datasource": "prometheus",
  "victoriametrics-metrics-datasource": "prometheus",
  "grafana-amazonprometheus-datasource": "prometheus",
  "grafana-azureprometheus-datasource": "prometheus",
  mimir: "prometheus",
  cortex: "prometheus",
  thanos: "prometheus",
  loki: "loki",
  tempo: "tempo",
  jaeger: "jaeger",
  alertmanager: "alertmanager",
};

/** The kind behind a plugin's id; undefined for one that is not spoken. */
export function sourceTypeOf(plugin: string): SourceType | undefined {
  return spoken[plugin.toLowerCase()];
}

export interface SourceContext {
  sources: readonly Source[];
  inputs: readonly DashboardInput[];
  /** Replaces variables in a reference. */
  interpolate: (text: string) => string;
}

/** Finds what a reference means: by uid, by name, by a variable, by a placeholder of an export, else by its type. */
export function resolveSource(ref: SourceRef, context: SourceContext): Resolved {
  if (ref === null) return defaultSource(context.sources);
  const type = typeof ref === "string" ? "" : (ref.type ?? "");
  const written = typeof ref === "string" ? ref : (ref.uid ?? "");
  const uid = context.interpolate(written);
  const special = specialSource(type, uid);
  if (special) return special;
  if (uid !== "" && uid !== "default") {
    const found = context.sources.find((one) => one.uid === uid) ?? context.sources.find((one) => one.name.toLowerCase() === uid.toLowerCase());
    if (found) return { kind: "source", source: found };
  }
  if (type !== "" && type !== "datasource") return sourceOfPlugin(type, context.sources);
  const input = context.inputs.find((one) => uid === `\${${one.name}}` || uid === `$${one.name}`);
  if (input && input.type === "datasource") return sourceOfPlugin(input.pluginId, context.sources);
  return sourceByName(uid, context.sources);
}

function specialSource(type: string, uid: string): Resolved | undefined {
  if (uid === "__expr__" || type === "__expr__") return { kind: "expression" };
  switch (uid) {
    case "-- Mixed --":
    case "mixed":
      return { kind: "mixed" };
    case "-- Dashboard --":
      return { kind: "dashboard" };
    case "-- Grafana --":
    case "grafana":
      return { kind: "grafana" };
    default:
      return type === "grafana" ? { kind: "grafana" } : undefined;
  }
}

function defaultSource(sources: readonly Source[]): Resolved {
  const found = sources.find((one) => one.isDefault) ?? sources.find((one) => one.type === "prometheus") ?? sources[0];
  return found ? { kind: "source", source: found } : { kind: "unknown", reason: "No data source is configured." };
}

/** The default source of a plugin's kind. */
export function sourceOfPlugin(plugin: string, sources: readonly Source[]): Resolved {
  const type = sourceTypeOf(plugin);
  if (!type) return { kind: "unknown", reason: `Data sources of type "${plugin}" are not spoken here.` };
  const found = sources.find((one) => one.type === type && one.isDefault) ?? sources.find((one) => one.type === type);
  return found ? { kind: "source", source: found } : { kind: "unknown", reason: `No data source of type ${type} is configured.` };
}

/** A name or uid from another installation: what it contains says of which kind it was, else it is the default one. */
function sourceByName(name: string, sources: readonly Source[]): Resolved {
  const hint = (["loki", "tempo", "jaeger", "alertmanager"] as const).find((type) => new RegExp(`(^|[^a-z])${type}`, "i").test(name));
  return hint ? sourceOfPlugin(hint, sources) : defaultSource(sources);
}
