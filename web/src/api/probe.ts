import * as z from "zod/mini";

import type { Target } from "../lib/correlate/targets";
import type { TimeRange } from "../lib/time";
import { msToNano } from "../lib/timeFormat";
import { fetchJSON } from "./client";
import { queryLogs } from "./loki";
import { searchTraces } from "./tempo";

const series = z.object({ data: z.nullable(z.array(z.unknown())) });

/** Whether there is anything at a target; undefined where that cannot be told cheaply. */
export async function somethingAt({ to, queries, range }: Target, page: TimeRange, signal: AbortSignal): Promise<boolean | undefined> {
  const within = range ?? page;
  const [query = ""] = queries;
  switch (to) {
    case "logs": {
      // A rate is of lines: whether there are any tells the same and is cheaper. What is no log query is not asked.
      if (!query.startsWith("{")) return undefined;
      const answer = await queryLogs({ query, start: msToNano(within.from), end: msToNano(within.to) }, { limit: 1 }, signal);
      return answer.kind === "lines" && answer.lines.length > 0;
    }
    case "traces":
      return (await searchTraces({ query, start: Math.floor(within.from / 1000), end: Math.ceil(within.to / 1000) }, 1, signal)).length > 0;
    case "metrics": {
      // The grammar is large, and few pages that ask this have it already.
      const { readPromQL, selectorsIn } = await import("../lib/promql/tree");
      const tree = readPromQL(query);
      const selector = tree && selectorsIn(tree)[0];
      return selector && seriesExist(selector.text, within, signal);
    }
    case "browse": {
      const [name = "", ...value] = query.split("=");
      return seriesExist(`{${name}=${JSON.stringify(value.join("="))}}`, within, signal);
    }
    default:
      return undefined;
  }
}

async function seriesExist(selector: string, range: TimeRange, signal: AbortSignal): Promise<boolean> {
  const answer = await fetchJSON("/api/v1/series", series, { signal, params: { "match[]": selector, start: range.from / 1000, end: range.to / 1000, limit: 1 } });
  return (answer.data ?? []).length > 0;
}
