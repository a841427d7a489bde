import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { activeAlerts } from "../../api/rules";
import { useTime } from "../../components/time/TimeContext";
import { serviceOf } from "../../lib/service";
import { degradedBy } from "./degraded";
import type { Red, Service } from "./red";
import { redFromMetrics } from "./useServices";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
// Yesterday does not change; asking for another of it every few seconds is no use.
const grainMs = 5 * 60_000;

/** Why services are worse than they should be, by name: their alerts, and how they were at this time yesterday. */
export function useDegraded(services: readonly Service[]): ReadonlyMap<string, readonly string[]> {
  const { range, tick } = useTime();
  const end = Math.ceil(range.to / grainMs) * grainMs - dayMs;
  const yesterday = useQuery({
    queryKey: ["overview", "yesterday", end],
    queryFn: ({ signal }) => redFromMetrics({ from: end - hourMs, to: end }, signal, false),
  });
  const alerts = useQuery({ queryKey: ["alerts", tick], queryFn: ({ signal }) => activeAlerts(signal) });

  return useMemo(() => {
    const found = new Map<string, readonly string[]>();
    for (const { name, red } of services) {
      const rate = yesterday.data?.rate.get(name);
      const before: Red | undefined = rate && { rate, errors: yesterday.data?.errors.get(name) ?? [], p50: [], p95: yesterday.data?.p95.get(name) ?? [], labels: {}, source: "HTTP and RPC metrics" };
      const firing = (alerts.data ?? []).flatMap(({ labels, state }) => (state === "firing" && serviceOf(labels) === name ? [labels.alertname ?? ""] : []));
      const reasons = degradedBy(red, before, [...new Set(firing)]);
      if (reasons.length > 0) found.set(name, reasons);
    }
    return found;
  }, [services, yesterday.data, alerts.data]);
}
