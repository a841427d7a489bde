import { useQuery } from "@tanstack/react-query";

import { queryLogs } from "../../api/loki";
import type { LogLine } from "../../lib/logLines";
import { shiftNanos } from "../../lib/nanos";

/** The line a link names by its id, which begins with the line's time; for a line that is not in the list (yet). */
export function useLinkedLine(query: string, id: string, enabled: boolean): LogLine | undefined {
  const ts = /^(\d+)-/.exec(id)?.[1];
  const found = useQuery({
    queryKey: ["logs", "line", query, id],
    enabled: enabled && ts !== undefined,
    placeholderData: undefined,
    queryFn: async ({ signal }) => {
      if (ts === undefined) return null;
      const answer = await queryLogs({ query, start: ts, end: shiftNanos(ts, 1n) }, { limit: 1000, direction: "backward" }, signal);
      return answer.kind === "lines" ? (answer.lines.find((line) => line.id === id) ?? null) : null;
    },
  });
  return enabled ? (found.data ?? undefined) : undefined;
}
