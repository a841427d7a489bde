import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { alertChanges } from "../../api/alertdesk";
import { activeAlerts, type ActiveAlert } from "../../api/rules";
import type { Stretch } from "../../components/chart/TimeSeries";
import { useTime } from "../../components/time/TimeContext";
import { sortAlerts } from "../../lib/alerts";
import { serviceOf } from "../../lib/service";
import { bandsOf } from "./bands";

// Changes asked for; more than these make no band that could be seen.
const mostChanges = 1000;

/** The alerts about a service: those active now, and when any was pending or fired in the range, to be shaded in charts. */
export function useServiceAlerts(service: string): { active: readonly ActiveAlert[]; bands: readonly Stretch[]; pending: boolean; error: Error | null; retry: () => void } {
  const { range, tick } = useTime();
  const active = useQuery({ queryKey: ["alerts", "active", tick], queryFn: ({ signal }) => activeAlerts(signal) });
  const changes = useQuery({
    queryKey: ["alerts", "history", range, tick],
    queryFn: ({ signal }) => alertChanges({ start: new Date(range.from).toISOString(), end: new Date(range.to).toISOString(), limit: mostChanges }, signal),
  });
  const own = useMemo(() => sortAlerts((active.data ?? []).filter(({ labels }) => serviceOf(labels) === service)), [active.data, service]);
  const bands = useMemo(
    () =>
      bandsOf(
        (changes.data?.changes ?? []).filter(({ labels }) => serviceOf(labels) === service),
        own,
        range,
      ),
    [changes.data, own, service, range],
  );
  return { active: own, bands, pending: active.isPending, error: active.error, retry: () => void active.refetch() };
}
