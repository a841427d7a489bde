
import { queryLogs } from "../../api/loki";
import { queryRange, type Matrix } from "../../api/prom";
import { listProfiles } from "../../api/services";
import { traceMetrics } from "../../api/tempo";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer, type AnswerState } from "../../components/useAnswer";
import { errorLevels, serviceOf } from "../../lib/service";
import { alignRange, pickStep, stepText } from "../../lib/step";
import type { TimeRange } from "../../lib/time";
import { msToNano } from "../../lib/timeFormat";
import { redQueries, redSpanQueries, services, whereAny, type ByService, type Course, type LogAnswers, type RedAnswer, type Service } from "./red";

const everyPoint = 60;
// Of hundreds of services courses of sixty points each are megabytes.
export const fewPoints = 12;
export const manyServices = 200;
// More than so many are asked about by asking about all.
export const mostNamed = 100;
// OpenTelemetry SDKs export once a minute by default; a rate needs two of them in its window.
export const minWindowMs = 180_000;

/** The services seen in the range and how they do; `errors` are the questions that had no answer. */
export function useServices(): { services: Service[]; pending: boolean; of: AnswerState; errors: Error[]; retry: () => void } {
  const { range } = useTime();
  // The same question as the choice of an environment asks.
  const known = useAnswer(["services", "profiles"], ({ signal }) => listProfiles(undefined, range, signal));
  const many = (known.data?.length ?? 0) > manyServices;
  const detail = many ? fewPoints : everyPoint;
  // Asked for before it is known how many there are: of too many what was asked is cancelled, and fewer points are asked for.
  const metrics = useAnswer(["overview", "red", detail], ({ signal }) => redFromMetrics(range, signal, { points: detail }));
  const logs = useAnswer(["overview", "logs", detail], ({ signal }) => logCounts(range, detail, signal));
  // Reading spans is dear: only for services that have them and no metrics.
  const missing = metrics.isSuccess && known.isSuccess ? known.data.flatMap((one) => (one.spans && !metrics.data.rate.has(one.name) ? [one.name] : [])) : [];
  const wanted = metrics.isError || missing.length > 0;
  const named = missing.length > mostNamed ? [] : missing;
  const spans = useAnswer(["overview", "spans", named, detail], ({ signal }) => redFromSpans(range, signal, { names: named, points: detail, durations: missing.length <= mostNamed }), { enabled: wanted });
  const all = [metrics, logs, known, ...(wanted ? [spans] : [])];
  const retry = (): void => all.forEach((one) => (one.isError || one.failure) && void one.refetch());
  return {
    services: services(metrics.data, spans.data, logs.data, known.data?.map(({ name }) => name)),
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

interface Asked {
  /** How many values a course has, about. */
  points?: number;
  /** Without the median where it is not looked at. */
  median?: boolean;
}

/** What metrics tell of the services. */
export async function redFromMetrics(range: TimeRange, signal: AbortSignal, { points = everyPoint, median = true }: Asked = {}): Promise<RedAnswer> {
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

interface SpansAsked {
  names?: readonly string[];
  /** For durations each span is read, where the rest is counted by the store. */
  durations?: boolean;
}

/** Spans' own rate, errors and duration, of the services named or of all. */
export async function redFromSpans(range: TimeRange, signal: AbortSignal, { points = everyPoint, median = true, names = [], durations = true }: Asked & SpansAsked = {}): Promise<RedAnswer> {
  const stepMs = pickStep(range, points);
  const grid = alignRange(range, stepMs);
  const ask = async (query: string): Promise<ByService> => {
    const series = await traceMetrics({ query, start: grid.from / 1000, end: grid.to / 1000 }, stepMs / 1000, signal);
    return new Map(series.map((one) => [one.labels["resource.service.name"] ?? "", onGrid(one.points, grid, stepMs)]));
  };
  const queries = redSpanQueries(names);
  const none: ByService = new Map();
  const [rate, errors, p50, p95] = await Promise.all([ask(queries.rate), ask(queries.errors), durations && median ? ask(queries.p50) : none, durations ? ask(queries.p95) : none]);
  // The server says 0 where it saw no span.
  const measured = (courses: ByService): ByService => new Map([...courses].map(([name, course]) => [name, whereAny(course, rate.get(name) ?? [])]));
  return { rate, errors, p50: measured(p50), p95: measured(p95), fromSpans: new Set(), labels: new Map() };
}

/** Log lines per minute by service, and those of them that tell of an error. */
async function logCounts(range: TimeRange, points: number, signal: AbortSignal): Promise<LogAnswers> {
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

/** Samples at their places on a grid of times; null where there is none. */
export function onGrid(samples: readonly [seconds: number, value: number][], grid: TimeRange, stepMs: number): Course {
  const values = Array<number | null>(Math.round((grid.to - grid.from) / stepMs) + 1).fill(null);
  for (const [seconds, value] of samples) {
    const slot = Math.round((seconds * 1000 - grid.from) / stepMs);
    if (slot >= 0 && slot < values.length) values[slot] = value;
  }
  return values;
}
