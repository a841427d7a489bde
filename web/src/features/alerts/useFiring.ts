import { useMemo } from "react";

import { notifiedAlerts } from "../../api/alertmanager";
import { ruleGroups, type RuleGroup } from "../../api/rules";
import { type AnswerState } from "../../components/useAnswer";
import { useCurrent } from "../../components/useAnswerNow";
import { firingOf, type Firing } from "./firing";

const noGroups: RuleGroup[] = [];
/** Rules and what is pending or fires, kept current. Where nothing notifies, rules alone tell. */
export function useFiring(): {
  groups: RuleGroup[];
  alerts: Firing[];
  pending: boolean;
  /** Why there are no rules. */
  error: Error | null;
  /** Why it is not known who is told. */
  quietError: Error | null;
  retry: () => void;
  /** What there is to say of the wait for all of it. */
  answer: AnswerState;
} {
  const rules = useCurrent(["rules"], ({ signal }) => ruleGroups(signal));
  const notified = useCurrent(["notified"], ({ signal }) => notifiedAlerts(signal));
  const alerts = useMemo(() => firingOf(rules.data ?? [], notified.data ?? []), [rules.data, notified.data]);
  const retry = (): void => {
    void rules.refetch();
    void notified.refetch();
  };
  return {
    groups: rules.data ?? noGroups,
    alerts,
    pending: rules.isPending || notified.isPending,
    error: rules.error,
    quietError: notified.error,
    retry,
    answer: {
      asked: [...rules.asked, ...notified.asked],
      isPlaceholderData: rules.isPlaceholderData || notified.isPlaceholderData,
      at: Math.min(rules.at, notified.at),
      failure: rules.failure ?? notified.failure,
      refetch: retry,
    },
  };
}
