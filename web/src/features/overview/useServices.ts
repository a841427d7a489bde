
import { labelValues, queryLogs } from "../../api/loki";
import { queryRange, type Matrix } from "../../api/prom";
import { tagValues, traceMetrics } from "../../api/tempo";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer, type AnswerState } from "../../components/useAnswer";
import { errorLevels, serviceOf } from "../../lib/service";
import { alignRange, pickStep, stepText } from "../../lib/step";
import type { TimeRange } from "../../lib/time";
import { msToNano } from "../../lib/timeFormat";
import { redQueries, redSpanQueries, services, type ByService, type Course, type LogAnswers, type RedAnswer, type Service } from "./red";

const points = 60;
// OpenTelemetry SDKs export once a minute by default; a rate needs two of them in its window.
const minWindowMs = 180_000;

/** The services seen in the range and how they do; `errors` are the questions that had no answer. */
export function useServices(): { services: Service[]; pending: boolean; of: AnswerState; errors: Error[]; retry: () => void } {
  const { range } = useTime();
  const metrics = useAnswer(["overview", "red"], ({ signal }) => redFromMetrics(range, signal));
  const logs = useAnswer(["overview", "logs"], ({ signal }) => logCounts(range, signal));
  const known = useAnswer(["overview", "names"], ({ signal }) => serviceNames(range, signal));
  // Reading spans is dear: only for services that have them and no metrics.
  const wanted = metrics.isError || (metrics.isSuccess && known.isSuccess && known.data.tracing.some((name) => !metrics.data.rate.has(name)));
  const spans = useAnswer(["overview", "spans"], ({ signal }) => redFromSpans(range, signal), { enabled: wanted });
  const all = [metrics, logs, known, ...(wanted ? [spans] : [])];
  const retry = (): void => all.forEach((one) => (one.isError || one.failure) && void one.refetch());
  return {
    services: services(metrics.data, spans.data, logs.data, known.data && [...known.data.logging, ...known.data.tracing]),
    pending: all.some((one) => one.isPending),
    of: {
      asked: all.flatMap((one) => one.asked),
      isPlaceholderData: all.some((one) => one.isPlaceholderData),
      at: Math.min(...all.map((one) => one.at)),
      failure: all.find((one) => one.failure)?.failure ?? null,
      refetch: retry,
    },
    errors: all.flatMap((one) => (one.error ? [one.error] : [])),
    retry,
  };
}

/** What metrics tell of the services; without the median where it is not looked at. */
export async function redFromMetrics(range: TimeRange, signal: AbortSignal, median = true): Promise<RedAnswer> {
  const queries = redQueries(stepText(Math.max(pickStep(range, points), minWindowMs)));
  const ask = (query: string): Promise<Matrix> => queryRange({ query, range, points }, signal);
  const [rate, errors, p95, p50] = await Promise.all([ask(queries.rate), ask(queries.errors), ask(queries.p95), median ? ask(queries.p50) : undefined]);
  const fromSpans = rate.series.filter(({ labels }) => labels.service_name ?? labels.service).map(({ labels }) => serviceOf(labels));
  const labels = new Map(rate.series.map((one) => [serviceOf(one.labels), one.labels]));
  return { rate: byService(rate), errors: byService(errors), p50: p50 ? byService(p50) : new Map(), p95: byService(p95), fromSpans: new Set(fromSpans), labels };
}

function byService(matrix: Matrix): ByService {
  return new Map(matrix.series.map(({ labels, values }) => [serviceOf(labels), values]));
}

/** Spans' own rate, errors and duration. */
async function redFromSpans(range: TimeRange, signal: AbortSignal): Promise<RedAnswer> {
  const stepMs = pickStep(range, points);
  const grid = alignRange(range, stepMs);
  const ask = async (query: string): Promise<ByService> => {
    const series = await traceMetrics({ query, start: grid.from / 1000, end: grid.to / 1000 }, stepMs / 1000, signal);
    return new Map(series.map((one) => [one.labels["resource.service.name"] ?? "", onGrid(one.points, grid, stepMs)]));
  };
  const queries = redSpanQueries();
  const [rate, errors, p50, p95] = await Promise.all([ask(queries.rate), ask(queries.errors), ask(queries.p50), ask(queries.p95)]);
  return { rate, errors, p50, p95, fromSpans: new Set(), labels: new Map() };
}

/** Services with log lines, and those with spans, in the range. */
async function serviceNames(range: TimeRange, signal: AbortSignal): Promise<{ logging: string[]; tracing: string[] }> {
  const seconds = { start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) };
  const [logging, tracing] = await Promise.all([
    labelValues("service_name", { start: msToNano(range.from), end: msToNano(range.to) }, signal),
    tagValues("resource.service.name", { query: "{}", ...seconds }, signal),
  ]);
  const named = (names: string[]): string[] => names.filter((name) => name !== "");
  return { logging: named(logging), tracing: named(tracing) };
}

/** Log lines per minute by service, and those of them that tell of an error. */
async function logCounts(range: TimeRange, signal: AbortSignal): Promise<LogAnswers> {
  const stepMs = pickStep(range, points);
  const grid = alignRange(range, stepMs);
  const ask = async (selector: string): Promise<ByService> => {
    const windowMs = Math.max(stepMs, 60_000);
    const query = `sum by (service_name) (count_over_time(${selector}[${stepText(windowMs)}]))`;
    const answer = await queryLogs({ query, start: msToNano(grid.from), end: msToNano(grid.to) }, { stepSeconds: stepMs / 1000 }, signal);
    if (answer.kind !== "series") return new Map();
    const perMinute = 60_000 / windowMs;
    return new Map(
      answer.series.map((one) => [one.labels.service_name ?? "", onGrid(one.points, grid, stepMs).map((count) => (count ?? 0) * perMinute)]),
    );
  };
  const every = '{service_name=~".+"}';
  const [lines, errors] = await Promise.all([ask(every), ask(`${every} | ${errorLevels}`)]);
  return { lines, errors };
}

function onGrid(samples: readonly [seconds: number, value: number][], grid: TimeRange, stepMs: number): Course {
  const values = Array<number | null>(Math.round((grid.to - grid.from) / stepMs) + 1).fill(null);
  for (const [seconds, value] of samples) {
    const slot = Math.round((seconds * 1000 - grid.from) / stepMs);
    if (slot >= 0 && slot < values.length) values[slot] = value;
  }
  return values;
}
