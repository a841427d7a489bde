import { useQuery } from "@tanstack/react-query";

import { tagValues, traceTotals } from "../../api/tempo";
import { Empty } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { WaysOut, type WayOut } from "../../components/WaysOut";
import { nearest } from "../../lib/nearest";
import type { TimeRange } from "../../lib/time";
import { readConditions, writeConditions, type Condition } from "../../lib/traceqlEdit";
import { widerRange } from "../../lib/wider";

/** Stands where a search finds no trace: what would find some, and of how many spans. */
export function NoTraces({ query, onRun }: { query: string; onRun(query: string): void }) {
  const { raw, range, setRange } = useTime();
  const conditions = readConditions(query) ?? [];
  const meant = useMeantService(conditions, range);
  const ways: WayOut[] = conditions.slice(-3).map((condition) => {
    const rest = writeConditions(conditions.filter((one) => one !== condition));
    return { title: `Without ${writeConditions([condition]).slice(2, -2)}`, key: ["traces", rest, range], count: (signal) => countSpans(rest, range, signal), take: () => onRun(rest) };
  });
  const wider = widerRange(raw, range);
  if (wider) ways.unshift({ title: wider.title, key: ["traces", query, wider.range], count: (signal) => countSpans(query, wider.range, signal), take: () => setRange(wider.raw) });
  if (meant !== undefined) ways.unshift({ title: `Did you mean the service ${meant.name}?`, key: ["traces", meant.query, range], count: (signal) => countSpans(meant.query, range, signal), take: () => onRun(meant.query) });
  if (query !== "{}" && conditions.length !== 1) ways.push({ title: "All traces", key: ["traces", "{}", range], count: (signal) => countSpans("{}", range, signal), take: () => onRun("{}") });
  return (
    <Empty
      title="No traces match in this time range"
      height={320}
      hint={
        <>
          <WaysOut ways={ways} />
          {query === "{}" && (
            <p>
              Send some over OTLP: gRPC on port 4317, or HTTP to <code>/v1/traces</code>.
            </p>
          )}
        </>
      }
    />
  );
}

/** The search with a service that nobody is called as it was probably meant. */
function useMeantService(conditions: readonly Condition[], range: TimeRange): { name: string; query: string } | undefined {
  const asked = conditions.find(({ field, op }) => field === "resource.service.name" && op === "=");
  const services = useQuery({
    queryKey: ["traces", "services", range],
    enabled: asked !== undefined,
    retry: false,
    queryFn: ({ signal }) => tagValues("resource.service.name", { query: "{}", start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) }, signal),
  });
  const name = asked && nearest(asked.value, services.data ?? []);
  return name === undefined ? undefined : { name, query: writeConditions(conditions.map((one) => (one === asked ? { ...one, value: name } : one))) };
}

/** How many spans a search finds in a range. */
async function countSpans(query: string, range: TimeRange, signal: AbortSignal): Promise<number> {
  const [total] = await traceTotals({ query: `${query} | count_over_time()`, start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) }, signal);
  return total?.points[0]?.[1] ?? 0;
}
