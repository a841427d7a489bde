/** Rate, errors and duration of one service over the range, each with its course. */
export interface Red {
  /** Requests per second. */
  rate: Course;
  /** Failed requests per second. */
  errors: Course;
  /** 95th percentile of the duration, in seconds. */
  p95: Course;
  /** Where the numbers come from, for the person who wonders. */
  source: "span metrics" | "HTTP and RPC metrics" | "spans";
}

/** A value over time; null where there is none. Empty when nothing is known. */
export type Course = readonly (number | null)[];

const spanCalls = ["traces_spanmetrics_calls_total", "traces_span_metrics_calls_total", "calls_total"];
const spanSeconds = ["traces_spanmetrics_latency_bucket", "traces_span_metrics_duration_seconds_bucket", "duration_seconds_bucket"];
const spanMillis = ["traces_span_metrics_duration_milliseconds_bucket", "duration_milliseconds_bucket"];
const serverSpan = 'span_kind="SPAN_KIND_SERVER"';
const byService = "service_name, service, job";

/** PromQL for the three numbers by service, from all metrics that OpenTelemetry's conventions have for them. */
export function redQueries(window: string): { rate: string; errors: string; p95: string } {
  const rate = (metric: string, matchers: string): string => `sum by (${byService}) (rate(${metric}{${matchers}}[${window}]))`;
  const p95 = (metric: string, matchers: string): string =>
    `histogram_quantile(0.95, sum by (${byService}, le) (rate(${metric}{${matchers}}[${window}])))`;
  return {
    rate: [
      ...spanCalls.map((metric) => rate(metric, serverSpan)),
      rate("http_server_request_duration_seconds_count", ""),
      rate("rpc_server_duration_milliseconds_count", ""),
    ].join(" or "),
    errors: [
      ...spanCalls.map((metric) => rate(metric, `${serverSpan}, status_code="STATUS_CODE_ERROR"`)),
      rate("http_server_request_duration_seconds_count", 'http_response_status_code=~"5.."'),
      rate("rpc_server_duration_milliseconds_count", 'rpc_grpc_status_code=~"2|4|12|13|14|15"'),
    ].join(" or "),
    p95: [
      ...spanSeconds.map((metric) => p95(metric, serverSpan)),
      ...spanMillis.map((metric) => `${p95(metric, serverSpan)} / 1000`),
      p95("http_server_request_duration_seconds_bucket", ""),
      `${p95("rpc_server_duration_milliseconds_bucket", "")} / 1000`,
    ].join(" or "),
  };
}

/** TraceQL for the three numbers by service: what is left when a service sends spans but no metrics. */
export const redSpanQueries = {
  rate: "{ kind = server } | rate() by (resource.service.name)",
  errors: "{ kind = server && status = error } | rate() by (resource.service.name)",
  p95: "{ kind = server } | quantile_over_time(duration, .95) by (resource.service.name)",
};

/** One answer: courses by service. */
export type ByService = ReadonlyMap<string, Course>;

/** The last value of a course, or null. */
export function latest(course: Course): number | null {
  return course.findLast((value) => value !== null && !Number.isNaN(value)) ?? null;
}

/** A course's values over those of another, null where there is nothing to divide by. */
export function ratio(part: Course, whole: Course): Course {
  return whole.map((all, index) => (all === null || all === 0 ? null : (part[index] ?? 0) / all));
}

/** All that is known of the services: what they answer, and what they log. */
export interface Service {
  name: string;
  red: Red | undefined;
  /** Log lines per minute, and those of them that tell of an error. */
  lines: Course;
  errorLines: Course;
}

/**
 * Puts the answers about services together; numbers from metrics go before numbers from spans. `known` are services that
 * have sent something, even if no step of the range is whole yet that would give them a number.
 */
export function services(
  metrics: RedAnswer | undefined,
  spans: RedAnswer | undefined,
  logs: LogAnswers | undefined,
  known: readonly string[] = [],
): Service[] {
  const names = new Set([...known, ...keys(metrics?.rate), ...keys(spans?.rate), ...keys(logs?.lines)]);
  return [...names].toSorted().map((name) => ({
    name,
    red: red(name, metrics, metrics?.fromSpans.has(name) ? "span metrics" : "HTTP and RPC metrics") ?? red(name, spans, "spans"),
    lines: logs?.lines.get(name) ?? [],
    errorLines: logs?.errors.get(name) ?? [],
  }));
}

export interface RedAnswer {
  rate: ByService;
  errors: ByService;
  p95: ByService;
  /** Services whose numbers come from span metrics. */
  fromSpans: ReadonlySet<string>;
}

export interface LogAnswers {
  lines: ByService;
  errors: ByService;
}

function keys(answer: ByService | undefined): string[] {
  return answer ? [...answer.keys()] : [];
}

function red(name: string, answer: RedAnswer | undefined, source: Red["source"]): Red | undefined {
  const rate = answer?.rate.get(name);
  if (!answer || !rate) return undefined;
  return { rate, errors: answer.errors.get(name) ?? [], p95: answer.p95.get(name) ?? [], source };
}

/** The sum of courses over one grid; null where all are. */
export function total(courses: readonly Course[]): Course {
  const length = Math.max(0, ...courses.map((course) => course.length));
  return Array.from({ length }, (_, index) => {
    const values = courses.map((course) => course[index]).filter((value) => value !== null && value !== undefined && !Number.isNaN(value));
    return values.length === 0 ? null : values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  });
}
