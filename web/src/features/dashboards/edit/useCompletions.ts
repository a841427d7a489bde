import { useMemo } from "react";

import { baseURL, fetchAs } from "../../../api/client";
import { lokiLabelNames, lokiLabelValues } from "../../../api/sourceLoki";
import { tagNames, tagValues } from "../../../api/tempo";
import type { Completions } from "../../../components/editor/language";
import { useTime } from "../../../components/time/TimeContext";
import type { Source } from "../../../lib/dashboard/datasource";

// Ranges that move along ask for other names only now and then.
const roundMs = 300_000;

/** What is offered while a query for a data source is typed: names and values that it has. */
export function useCompletions({ type, base }: Source): Completions {
  const { range } = useTime();
  const from = Math.floor(range.from / roundMs) * roundMs;
  const to = Math.ceil(range.to / roundMs) * roundMs;
  return useMemo((): Completions => {
    const { signal } = new AbortController();
    const seconds = { start: from / 1000, end: to / 1000 };
    switch (type) {
      case "prometheus":
        return { prometheus: { url: `${baseURL()}${base}`, fetch: fetchAs } };
      case "loki":
        return { names: () => lokiLabelNames(base, { from, to }, signal), values: (name) => lokiLabelValues(base, name, "", { from, to }, signal) };
      case "tempo":
        return { names: () => tagNames(seconds, signal, base), values: (name) => tagValues(name, { query: "{}", ...seconds }, signal, base) };
      default:
        return {};
    }
  }, [type, base, from, to]);
}
