/** Where a correlation starts. */
export type SubjectKind = "series" | "line" | "span" | "alert" | "exemplar" | "service";

/** Where a correlation leads. */
export type TargetKind = "logs" | "traces" | "metrics" | "browse" | "trace" | "service";

/** A time around the subject. Minutes; `step` is one of the chart's. */
export type Around = { before: number | "step"; after: number | "step" } | { before: number; after: "now" } | "page";

/**
 * A way from one signal to another. Queries are templates: `{{logs}}` and `{{traces}}` are conditions on what the subject
 * is, without braces; `{{service}}`, `{{pod}}`, `{{host}}`, `{{namespace}}`, `{{traceId}}`, `{{spanId}}`, `{{operation}}`, `{{pattern}}` and
 * `{{duration}}` are literals; `{{query}}` is the subject's own. A rule whose template names what is not known does not apply.
 */
export interface Rule {
  /** Stable, for settings that switch rules off. */
  id: string;
  from: readonly SubjectKind[];
  to: TargetKind;
  title: string;
  /** One query for each pane; of a trace its id, of a service its name, of browse `label=value`. */
  queries: readonly string[];
  around: Around;
  /** Further condition on what the subject looks like. */
  when?: "error" | "latency";
}

const minute = { before: 1, after: 1 } as const;
const aStep = { before: "step", after: "step" } as const;
const errors = 'detected_level=~"error|fatal|critical"';

/** The rules that hold without any settings, in the order they are offered. */
export const defaultRules: readonly Rule[] = [
  { id: "exemplar-trace", from: ["exemplar", "line"], to: "trace", title: "Open the trace", queries: ["{{traceId}}"], around: "page" },
  { id: "trace-logs", from: ["exemplar", "line", "span"], to: "logs", title: "Logs of the trace", queries: ['{service_name=~".+"} | trace_id={{traceId}}'], around: minute },
  { id: "trace-logs-text", from: ["exemplar", "line", "span"], to: "logs", title: "Lines with the trace's id in their text", queries: ['{service_name=~".+"} |= {{traceId}}'], around: minute },
  { id: "span-logs", from: ["span"], to: "logs", title: "Logs of this span", queries: ["{service_name={{service}}} | trace_id={{traceId}} | span_id={{spanId}}"], around: minute },
  { id: "series-error-logs", from: ["series"], to: "logs", title: "Error logs at this time", queries: [`{{{logs}}} | ${errors}`], around: aStep, when: "error" },
  { id: "series-logs", from: ["series"], to: "logs", title: "Logs at this time", queries: ["{{{logs}}}"], around: aStep },
  { id: "series-failed-traces", from: ["series"], to: "traces", title: "Failed traces at this time", queries: ["{ {{traces}} && status = error }"], around: aStep, when: "error" },
  { id: "series-slow-traces", from: ["series"], to: "traces", title: "Traces slower than this", queries: ["{ {{traces}} && duration > {{duration}} }"], around: aStep, when: "latency" },
  { id: "series-traces", from: ["series"], to: "traces", title: "Traces at this time", queries: ["{ {{traces}} }"], around: aStep },
  { id: "alert-graph", from: ["alert"], to: "metrics", title: "The expression as a graph", queries: ["{{query}}"], around: { before: 30, after: "now" } },
  { id: "alert-logs", from: ["alert"], to: "logs", title: "Error logs since it began", queries: [`{{{logs}}} | ${errors}`], around: { before: 30, after: "now" } },
  { id: "alert-traces", from: ["alert"], to: "traces", title: "Failed traces since it began", queries: ["{ {{traces}} && status = error }"], around: { before: 30, after: "now" } },
  { id: "service-error-logs", from: ["service"], to: "logs", title: "Error logs", queries: [`{{{logs}}} | ${errors}`], around: "page" },
  { id: "service-logs", from: ["service"], to: "logs", title: "Logs", queries: ["{{{logs}}}"], around: "page" },
  { id: "operation-failed-traces", from: ["service"], to: "traces", title: "Failed traces of this operation", queries: ["{ {{traces}} && name = {{operation}} && status = error }"], around: "page" },
  { id: "operation-traces", from: ["service"], to: "traces", title: "Traces of this operation", queries: ["{ {{traces}} && name = {{operation}} }"], around: "page" },
  { id: "service-failed-traces", from: ["service"], to: "traces", title: "Failed traces of the service", queries: ["{ {{traces}} && status = error }"], around: "page" },
  { id: "service-traces", from: ["service"], to: "traces", title: "Traces of the service", queries: ["{ {{traces}} }"], around: "page" },
  {
    id: "span-red", from: ["span", "service"], to: "metrics", title: "Rate, errors and duration of this operation", around: { before: 30, after: 30 },
    queries: [
      "sum(rate(traces_spanmetrics_calls_total{service={{service}},span_name={{operation}}}[$__rate_interval]))",
      'sum(rate(traces_spanmetrics_calls_total{service={{service}},span_name={{operation}},status_code="STATUS_CODE_ERROR"}[$__rate_interval]))',
      "histogram_quantile(0.95, sum(rate(traces_spanmetrics_latency{service={{service}},span_name={{operation}}}[$__rate_interval])))",
    ],
  },
  { id: "line-rate", from: ["line"], to: "logs", title: "Rate of lines like this", queries: ["sum(count_over_time({service_name={{service}}} |> {{pattern}} [$__auto]))"], around: "page" },
  { id: "pod-metrics", from: ["line", "span", "alert"], to: "browse", title: "Metrics of the pod", queries: ["k8s_pod_name={{pod}}"], around: { before: 30, after: 30 } },
  { id: "pod-metrics-exporters", from: ["line", "span", "alert"], to: "browse", title: "Metrics of the pod, from exporters", queries: ["pod={{pod}}"], around: { before: 30, after: 30 } },
  { id: "host-metrics", from: ["line", "span", "alert"], to: "browse", title: "Metrics of the host", queries: ["host_name={{host}}"], around: { before: 30, after: 30 } },
  { id: "service-metrics", from: ["line", "span", "alert", "service"], to: "browse", title: "Metrics of the service", queries: ["service_name={{service}}"], around: "page" },
  { id: "service-page", from: ["series", "line", "span", "alert"], to: "service", title: "The service", queries: ["{{service}}"], around: "page" },
];
