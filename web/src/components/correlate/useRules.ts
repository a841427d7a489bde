import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { correlations } from "../../api/correlations";
import { defaultRules, type Rule } from "../../lib/correlate/rules";

/** The ways from one signal to another that are in force: people's own, then the page's but for those that are switched off. */
export function useRules(): readonly Rule[] {
  // Without an answer the page's own hold.
  const { data } = useQuery({ queryKey: ["correlations"], queryFn: ({ signal }) => correlations(signal), staleTime: 60_000, retry: false });
  return useMemo(() => (data ? [...data.rules, ...defaultRules.filter(({ id }) => !data.off.includes(id))] : defaultRules), [data]);
}
