import type { Labels } from "./labels";

/** The service that a series or alert is about, or "" if its labels name none. */
export function serviceOf(labels: Labels): string {
  const named = labels.service_name ?? labels["service.name"] ?? labels.service;
  if (named) return named;
  // OTLP's job is "namespace/name" of the service.
  return labels.job?.split("/").at(-1) ?? "";
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
