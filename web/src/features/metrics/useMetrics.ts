import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { labelValues, metadata, type MetricMeta } from "../../api/prom";
import { useTime } from "../../components/time/TimeContext";
import { writeSelector, type PromMatcher } from "../../lib/promql/tree";
import { familiesOf, type Family } from "./defaultQuery";

const noMeta: ReadonlyMap<string, MetricMeta> = new Map();
// What programs tell of their own insides is looked at last.
const inner = /^(?:alertmanager|go|oriel|process|prometheus|promhttp|scrape)_|^ALERTS/;
const noNames: readonly string[] = [];

/** The metrics there are in the range, of the series that some conditions leave. */
export function useMetrics(matchers: readonly PromMatcher[]) {
  const { range, tick } = useTime();
  const match = matchers.length === 0 ? undefined : writeSelector("", matchers);
  const names = useQuery({
    queryKey: ["prom", "names", range, tick, match],
    queryFn: ({ signal }) => labelValues("__name__", range, signal, match),
  });
  const metas = useQuery({ queryKey: ["prom", "metadata", tick], queryFn: ({ signal }) => metadata(signal) });
  const known = metas.data ?? noMeta;
  const all = names.data ?? noNames;
  const families = useMemo<Family[]>(() => familiesOf(all, known).toSorted((a, b) => Number(inner.test(a.name)) - Number(inner.test(b.name))), [all, known]);
  return { names, all, metas: known, families };
}

/** Names that have every word of `find` in them. */
export function matching<T>(all: readonly T[], find: string, nameOf: (one: T) => string): readonly T[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0 ? all : all.filter((one) => words.every((word) => nameOf(one).toLowerCase().includes(word)));
}
