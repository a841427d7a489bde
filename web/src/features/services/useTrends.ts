import { useQuery } from "@tanstack/react-query";

import { queryRange } from "../../api/prom";
import { useTime } from "../../components/time/TimeContext";
import { fillMacros } from "../../lib/macros";
import { pickStep } from "../../lib/step";
import type { TimeRange } from "../../lib/time";
import { everyFailed, everyRate } from "./queries";

const points = 60;

/** The course of a value on even steps. */
type Course = readonly (number | null)[];

/** Calls and failed calls per second over the range. */
export interface Trend {
  rate: Course;
  failed: Course;
}

/** The courses of every service by name: two queries for all of them. Decoration, so that a failure leaves them out. */
export function useTrends(): ReadonlyMap<string, Trend> {
  const { range, tick } = useTime();
  const trends = useQuery({ queryKey: ["services", "trends", range, tick], queryFn: ({ signal }) => ask(range, signal) });
  return trends.data ?? none;
}

const none: ReadonlyMap<string, Trend> = new Map();

async function ask(range: TimeRange, signal: AbortSignal): Promise<ReadonlyMap<string, Trend>> {
  const [rates, failures] = await Promise.all(
    [everyRate, everyFailed].map((query) => queryRange({ query: fillMacros(query, range, pickStep(range, points)), range, points }, signal)),
  );
  const failed = new Map(failures?.series.map(({ labels, values }) => [labels.service ?? "", values]));
  return new Map(rates?.series.map(({ labels, values }) => [labels.service ?? "", { rate: values, failed: failed.get(labels.service ?? "") ?? [] }]));
}
