import { escapeRegExp } from "./escapeRegExp";
import type { Labels } from "./labels";

/** The service that a series or alert is about, or "" if its labels name none. */
export function serviceOf(labels: Labels): string {
  const named = labels.service_name ?? labels["service.name"] ?? labels.service;
  if (named) return named;
  // OTLP's job is "namespace/name" of the service.
  return labels.job?.split("/").at(-1) ?? "";
}

/** The service, or operation, under which metrics of spans count what their limit of label sets leaves no room for. */
export const overflow = "__overflow__";

/** Why there is one, and what to do about it. */
export const overflowHint =
  "Not one of its own: what is over the limit of label sets of the metrics made of spans (max_label_sets of ingest.spans.span_metrics and of ingest.spans.service_graph, 5000 unless set) is counted together";

/** A service as it is named to people. */
export function serviceName(name: string): string {
  return name === overflow ? "other services, over the limit" : name;
}

/** LogQL for all lines of a service. */
export function logsOf(service: string): string {
  return `{service_name=${JSON.stringify(service)}}`;
}

/** LogQL for the lines of a service that tell of an error. */
export function errorLogsOf(service: string): string {
  return `${logsOf(service)} | ${errorLevels}`;
}

/** The label filter for lines that tell of an error. */
export const errorLevels = 'detected_level=~"error|fatal|critical"';

/** TraceQL for the spans of a service. */
export function tracesOf(service: string): string {
  return `{ resource.service.name = ${JSON.stringify(service)} }`;
}

/** TraceQL for the spans of a service's operation; `kind` is TraceQL's word for a kind of spans. */
export function operationOf(service: string, name: string, kind: string): string {
  const ofKind = kind === "unspecified" ? "" : ` && kind = ${kind}`;
  return `{ resource.service.name = ${JSON.stringify(service)} && name = ${JSON.stringify(name)}${ofKind} }`;
}

/** TraceQL for the failed spans of a service. */
export function failedTracesOf(service: string): string {
  return `{ resource.service.name = ${JSON.stringify(service)} && status = error }`;
}

/** TraceQL for the failed spans of a service's operation. */
export function failedOperationOf(service: string, name: string): string {
  return `{ resource.service.name = ${JSON.stringify(service)} && name = ${JSON.stringify(name)} && status = error }`;
}

/** TraceQL for the spans of a service that took longer than some seconds. */
export function slowTracesOf(service: string, seconds: number): string {
  return `{ resource.service.name = ${JSON.stringify(service)} && duration > ${Math.max(1, Math.round(seconds * 1000))}ms }`;
}

/** LogQL for the lines of a service, of errors alone or all, with a text in any case. */
export function linesOf(service: string, errors: boolean, text: string): string {
  const found = text.trim() === "" ? "" : ` |~ ${JSON.stringify(`(?i)${escapeRegExp(text.trim())}`)}`;
  return `${logsOf(service)}${found}${errors ? ` | ${errorLevels}` : ""}`;
}
