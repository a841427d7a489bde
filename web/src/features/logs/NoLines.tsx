import { useQuery } from "@tanstack/react-query";

import { labelNames, labelValues, queryLogs } from "../../api/loki";
import { Empty } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { WaysOut, type WayOut } from "../../components/WaysOut";
import { EVERYTHING, quote, removeChip, type Chip, type QueryShape } from "../../lib/logqlEdit";
import { nearest } from "../../lib/nearest";
import type { TimeRange } from "../../lib/time";
import { msToNano } from "../../lib/timeFormat";
import { widerRange } from "../../lib/wider";
import type { LogsState } from "./state";

/** Stands where a query has no lines: what would have some, and how many. */
export function NoLines({ state, shape, onQuery }: { state: LogsState; shape: QueryShape; onQuery(query: string): void }) {
  const { raw, range, setRange } = useTime();
  const { q } = state;
  const meant = useMeant(q, shape.chips, range, !state.live);
  if (state.live) return <Empty title="No lines yet" hint="They show up here as they arrive. The last minute had none." height={240} />;
  const ways: WayOut[] = meant.map(({ title, query }) => ({ title, key: ["logs", query, range], count: (signal) => countLines(query, range, signal), take: () => onQuery(query) }));
  const wider = widerRange(raw, range);
  if (wider) ways.push({ title: wider.title, key: ["logs", q, wider.range], count: (signal) => countLines(q, wider.range, signal), take: () => setRange(wider.raw) });
  if (q !== EVERYTHING) {
    for (const chip of shape.chips.filter(({ removable }) => removable).slice(-3)) {
      const query = removeChip(q, chip);
      ways.push({ title: `Without ${q.slice(chip.from, chip.to)}`, key: ["logs", query, range], count: (signal) => countLines(query, range, signal), take: () => onQuery(query) });
    }
  }
  return (
    <Empty
      title="No lines match in this time range"
      height={240}
      hint={
        <>
          <WaysOut ways={ways} />
          {q === EVERYTHING && (
            <p>
              Send some over OTLP (<code>/v1/logs</code>) or Loki&apos;s push API (<code>/loki/api/v1/push</code>).
            </p>
          )}
        </>
      }
    />
  );
}

/** How many lines a query has in a range. */
async function countLines(query: string, range: TimeRange, signal: AbortSignal): Promise<number> {
  const seconds = Math.max(1, Math.ceil((range.to - range.from) / 1000));
  const end = msToNano(range.to);
  const answer = await queryLogs({ query: `sum(count_over_time(${query} [${seconds}s]))`, start: end, end }, { stepSeconds: seconds }, signal);
  return answer.kind === "series" ? (answer.series[0]?.points.at(-1)?.[1] ?? 0) : 0;
}

/** The query with a label or a value that nobody has as it was probably meant. */
function useMeant(query: string, chips: readonly Chip[], range: TimeRange, enabled: boolean): readonly { title: string; query: string }[] {
  const matchers = chips.filter(({ kind, op }) => kind === "matcher" && op === "=");
  const found = useQuery({
    queryKey: ["logs", "meant", query, range],
    enabled: enabled && matchers.length > 0,
    staleTime: 30_000,
    retry: false,
    queryFn: async ({ signal }) => {
      const window = { start: msToNano(range.from), end: msToNano(range.to) };
      const names = await labelNames(window, signal);
      const meant = await Promise.all(
        matchers.slice(0, 3).map(async ({ name, value, from, to }) => {
          const label = names.includes(name) ? name : nearest(name, names);
          if (label === undefined) return undefined;
          const values = await labelValues(label, window, signal);
          const meantValue = values.includes(value) ? value : nearest(value, values);
          if (meantValue === undefined || (label === name && meantValue === value)) return undefined;
          const condition = `${label}=${quote(meantValue)}`;
          return { title: `Did you mean ${condition}?`, query: query.slice(0, from) + condition + query.slice(to) };
        }),
      );
      return meant.flatMap((one) => (one ? [one] : []));
    },
  });
  return found.data ?? nothing;
}

const nothing: readonly { title: string; query: string }[] = [];
