import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { useTime } from "../../components/time/TimeContext";
import { serviceOf } from "../../lib/service";
import { degradedBy } from "./degraded";
import type { Red, RedAnswer, Service } from "./red";
import { useActiveAlerts } from "./useActiveAlerts";
import { fewPoints, manyServices, mostNamed, redFromMetrics, redFromSpans } from "./useServices";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
// Yesterday does not change; asking for another of it every few seconds is no use.
const grainMs = 5 * 60_000;

/** Why services are worse than they should be, by name: their alerts, and how they were at this time yesterday. */
export function useDegraded(services: readonly Service[]): ReadonlyMap<string, readonly string[]> {
  const { range } = useTime();
  const end = Math.ceil(range.to / grainMs) * grainMs - dayMs;
  const then = { from: end - hourMs, to: end };
  // Each is held against what it is told by today.
  const spanOnly = services.flatMap(({ name, red }) => (red?.source === "spans" ? [name] : []));
  const names = spanOnly.length > mostNamed ? [] : spanOnly;
  // The bound is of at least ten values; of many services no more than that are worth their weight.
  const points = services.length > manyServices ? fewPoints : 60;
  const fromMetrics = useQuery({
    queryKey: ["overview", "yesterday", end, points],
    queryFn: ({ signal }) => redFromMetrics(then, signal, { points, median: false }),
    enabled: services.some(({ red }) => red && red.source !== "spans"),
  });
  const fromSpans = useQuery({
    queryKey: ["overview", "yesterday's spans", end, names, points],
    queryFn: ({ signal }) => redFromSpans(then, signal, { names, points, median: false, durations: spanOnly.length <= mostNamed }),
    enabled: spanOnly.length > 0,
  });
  const alerts = useActiveAlerts();

  return useMemo(() => {
    const firing = new Map<string, Set<string>>();
    for (const { labels, state } of alerts.data ?? []) {
      if (state !== "firing") continue;
      const name = serviceOf(labels);
      firing.set(name, (firing.get(name) ?? new Set()).add(labels.alertname ?? ""));
    }
    const found = new Map<string, readonly string[]>();
    for (const { name, red } of services) {
      const before = redBefore(name, red?.source === "spans" ? fromSpans.data : fromMetrics.data);
      const reasons = degradedBy(red, before, [...(firing.get(name) ?? [])]);
      if (reasons.length > 0) found.set(name, reasons);
    }
    return found;
  }, [services, fromMetrics.data, fromSpans.data, alerts.data]);
}

function redBefore(name: string, answer: RedAnswer | undefined): Pick<Red, "rate" | "errors" | "p95"> | undefined {
  const rate = answer?.rate.get(name);
  return rate && { rate, errors: answer?.errors.get(name) ?? [], p95: answer?.p95.get(name) ?? [] };
}
