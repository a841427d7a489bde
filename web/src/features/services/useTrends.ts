import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { queryRange } from "../../api/prom";
import { useTime } from "../../components/time/TimeContext";
import { fillMacros } from "../../lib/macros";
import { pickStep } from "../../lib/step";
import type { TimeRange } from "../../lib/time";
import { trendQueries } from "./queries";

const points = 60;

/** The course of a value on even steps. */
type Course = readonly (number | null)[];

/** Calls and failed calls per second over the range. */
export interface Trend {
  rate: Course;
  failed: Course;
}

// Who scrolls on does not look at what passes.
const settledMs = 120;

/** The courses of `services` by name: two queries for all of them. Decoration, so that a failure leaves them out. */
export function useTrends(services: readonly string[]): ReadonlyMap<string, Trend> {
  const { range, tick } = useTime();
  const [wanted] = useDebouncedValue(services, settledMs, { leading: true });
  const trends = useQuery({
    queryKey: ["services", "trends", wanted, range, tick],
    queryFn: ({ signal }) => ask(wanted, range, signal),
    enabled: wanted.length > 0,
    placeholderData: keepPreviousData,
  });
  return trends.data ?? none;
}

const none: ReadonlyMap<string, Trend> = new Map();

async function ask(services: readonly string[], range: TimeRange, signal: AbortSignal): Promise<ReadonlyMap<string, Trend>> {
  const queries = trendQueries(services);
  const [rates, failures] = await Promise.all(
    [queries.rate, queries.failed].map((query) => queryRange({ query: fillMacros(query, range, pickStep(range, points)), range, points }, signal)),
  );
  const failed = new Map(failures?.series.map(({ labels, values }) => [labels.service ?? "", values]));
  return new Map(rates?.series.map(({ labels, values }) => [labels.service ?? "", { rate: values, failed: failed.get(labels.service ?? "") ?? [] }]));
}
