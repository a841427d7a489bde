import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { notifiedAlerts } from "../../api/alertmanager";
import { ruleGroups, type RuleGroup } from "../../api/rules";
import { useTime } from "../../components/time/TimeContext";
import { firingOf, type Firing } from "./firing";

const noGroups: RuleGroup[] = [];

/** Rules and what is pending or fires. Where nothing notifies, rules alone tell. */
export function useFiring(): {
  groups: RuleGroup[];
  alerts: Firing[];
  pending: boolean;
  /** Why there are no rules. */
  error: Error | null;
  /** Why it is not known who is told. */
  quietError: Error | null;
  retry: () => void;
} {
  const { tick } = useTime();
  const rules = useQuery({ queryKey: ["rules", tick], queryFn: ({ signal }) => ruleGroups(signal) });
  const notified = useQuery({ queryKey: ["notified", tick], queryFn: ({ signal }) => notifiedAlerts(signal) });
  const alerts = useMemo(() => firingOf(rules.data ?? [], notified.data ?? []), [rules.data, notified.data]);
  return {
    groups: rules.data ?? noGroups,
    alerts,
    pending: rules.isPending || notified.isPending,
    error: rules.error,
    quietError: notified.error,
    retry: () => {
      void rules.refetch();
      void notified.refetch();
    },
  };
}
