import { queryRange } from "../../api/prom";
import { traceMetrics } from "../../api/tempo";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { alignRange, pickStep, stepText } from "../../lib/step";
import type { TimeRange } from "../../lib/time";
import { spanCalls, type Course } from "./red";
import { minWindowMs, onGrid } from "./useServices";

const points = 60;

/** Spans a second, and those of them that failed. */
interface SpanRates {
  all: Course;
  failed: Course;
}

/** How many spans come in and fail, of all services together: as their metrics count them, else of those that are stored. */
export function useErrorSpans() {
  const { range } = useTime();
  return useAnswer(["overview", "error spans"], async ({ signal }) => (await fromMetrics(range, signal)) ?? fromSpans(range, signal));
}

async function fromMetrics(range: TimeRange, signal: AbortSignal): Promise<SpanRates | undefined> {
  const window = stepText(Math.max(pickStep(range, points), minWindowMs));
  const ask = async (matcher: string): Promise<Course | undefined> => {
    const query = spanCalls.map((metric) => `sum(rate(${metric}{${matcher}}[${window}]))`).join(" or ");
    return (await queryRange({ query, range, points }, signal)).series[0]?.values;
  };
  const [all, failed] = await Promise.all([ask(""), ask('status_code="STATUS_CODE_ERROR"')]);
  return all && { all, failed: failed ?? [] };
}

async function fromSpans(range: TimeRange, signal: AbortSignal): Promise<SpanRates> {
  const stepMs = pickStep(range, points);
  const grid = alignRange(range, stepMs);
  const ask = async (filter: string): Promise<Course> => {
    const [series] = await traceMetrics({ query: `${filter} | rate()`, start: grid.from / 1000, end: grid.to / 1000 }, stepMs / 1000, signal);
    return series ? onGrid(series.points, grid, stepMs) : [];
  };
  const [all, failed] = await Promise.all([ask("{ }"), ask("{ status = error }")]);
  return { all, failed };
}
