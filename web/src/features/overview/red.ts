import { escapeRegExp } from "../../lib/escapeRegExp";
import type { Labels } from "../../lib/labels";

/** Rate, errors and duration of one service over the range, each with its course. */
export interface Red {
  /** Requests per second. */
  rate: Course;
  /** Failed requests per second. */
  errors: Course;
  /** The median of the duration and its 95th percentile, in seconds. */
  p50: Course;
  p95: Course;
  /** What tells the service's series from others; none where the numbers are of spans. */
  labels: Labels;
  /** Where the numbers come from, for the person who wonders. */
  source: "span metrics" | "HTTP and RPC metrics" | "spans";
}

/** A value over time; null where there is none. Empty when nothing is known. */
export type Course = readonly (number | null)[];

/** What counts spans by service, under the names that it has with different makers. */
export const spanCalls = ["traces_spanmetrics_calls_total", "traces_span_metrics_calls_total", "calls_total"];
const spanSeconds = ["traces_spanmetrics_latency_bucket", "traces_span_metrics_duration_seconds_bucket", "duration_seconds_bucket"];
const spanMillis = ["traces_span_metrics_duration_milliseconds_bucket", "duration_milliseconds_bucket"];
const serverSpan = 'span_kind="SPAN_KIND_SERVER"';
const byService = "service_name, service, job";

/** One service's part of the queries: the labels of its series, and where its numbers come from. */
export type RedOf = Pick<Red, "labels" | "source">;

/** PromQL for the numbers by service, from all metrics that OpenTelemetry's conventions have for them; or those of one. */
export function redQueries(window: string, of?: RedOf): { rate: string; errors: string; p50: string; p95: string } {
  const own = of ? Object.entries(of.labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`) : [];
  const inBraces = (matchers: string): string => [...(matchers === "" ? [] : [matchers]), ...own].join(", ");
  const rate = (metric: string, matchers: string): string => `sum by (${byService}) (rate(${metric}{${inBraces(matchers)}}[${window}]))`;
  const quantile = (share: number) => (metric: string, matchers: string): string =>
    `histogram_quantile(${share}, sum by (${byService}, le) (rate(${metric}{${inBraces(matchers)}}[${window}])))`;
  const union = (spans: readonly string[], conventions: readonly string[]): string =>
    [...(of?.source === "HTTP and RPC metrics" ? [] : spans), ...(of?.source === "span metrics" ? [] : conventions)].join(" or ");
  const durations = (at: typeof rate): string =>
    union(
      [...spanSeconds.map((metric) => at(metric, serverSpan)), ...spanMillis.map((metric) => `${at(metric, serverSpan)} / 1000`)],
      [at("http_server_request_duration_seconds_bucket", ""), `${at("rpc_server_duration_milliseconds_bucket", "")} / 1000`],
    );
  return {
    rate: union(
      spanCalls.map((metric) => rate(metric, serverSpan)),
      [rate("http_server_request_duration_seconds_count", ""), rate("rpc_server_duration_milliseconds_count", "")],
    ),
    errors: union(
      spanCalls.map((metric) => rate(metric, `${serverSpan}, status_code="STATUS_CODE_ERROR"`)),
      [rate("http_server_request_duration_seconds_count", 'http_response_status_code=~"5.."'), rate("rpc_server_duration_milliseconds_count", 'rpc_grpc_status_code=~"2|4|12|13|14|15"')],
    ),
    p50: durations(quantile(0.5)),
    p95: durations(quantile(0.95)),
  };
}

/** TraceQL for the numbers by service, of those named or of all: what is left when a service sends spans but no metrics. */
export function redSpanQueries(names: readonly string[] = []): { rate: string; errors: string; p50: string; p95: string } {
  const [one = ""] = names;
  const own = names.length === 0 ? "" : ` && resource.service.name ${names.length === 1 ? `= ${JSON.stringify(one)}` : `=~ ${JSON.stringify(names.map(escapeRegExp).join("|"))}`}`;
  const spans = (more = ""): string => `{ kind = server${more}${own} }`;
  const by = "by (resource.service.name)";
  return {
    rate: `${spans()} | rate() ${by}`,
    errors: `${spans(" && status = error")} | rate() ${by}`,
    p50: `${spans()} | quantile_over_time(duration, .5) ${by}`,
    p95: `${spans()} | quantile_over_time(duration, .95) ${by}`,
  };
}

/** One answer: courses by service. */
export type ByService = ReadonlyMap<string, Course>;

/** The last value of a course, or null. */
export function latest(course: Course): number | null {
  return course.findLast((value) => value !== null && !Number.isNaN(value)) ?? null;
}

/** The value of a course now: that of its last step, or of the one before where that has only begun. Null if neither has one. */
export function newest(course: Course): number | null {
  return latest(course.slice(-2));
}

/** A course where `of` counted something: of nothing there is no duration. */
export function whereAny(course: Course, of: Course): Course {
  return course.map((value, index) => (of[index] ? value : null));
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
  p50: ByService;
  p95: ByService;
  /** Services whose numbers come from span metrics. */
  fromSpans: ReadonlySet<string>;
  /** The labels that tell a service's series from others. */
  labels: ReadonlyMap<string, Labels>;
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
  return { rate, errors: answer.errors.get(name) ?? [], p50: answer.p50.get(name) ?? [], p95: answer.p95.get(name) ?? [], labels: answer.labels.get(name) ?? {}, source };
}

/** The sum of courses over one grid; null where all are. */
export function total(courses: readonly Course[]): Course {
  const length = Math.max(0, ...courses.map((course) => course.length));
  return Array.from({ length }, (_, index) => {
    const values = courses.map((course) => course[index]).filter((value) => value !== null && value !== undefined && !Number.isNaN(value));
    return values.length === 0 ? null : values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  });
}
