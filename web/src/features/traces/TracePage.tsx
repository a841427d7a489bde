import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";

import { fetchTrace, type Trace } from "../../api/tempo";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { nanoToMs } from "../../lib/timeFormat";
import { buildTree } from "../../lib/traceTree";
import { TraceView } from "./TraceView";

// A trace that ended less than this ago may still be arriving.
const SETTLED_MS = 30_000;

// A link from a log line can be faster than the spans: so often is an unknown
// trace asked for again.
const LOOKS = 8;
const LOOK_MS = 2000;

/** One trace. */
export function TracePage() {
  const { id = "" } = useParams({ strict: false });
  const { tick } = useTime();
  const trace = useQuery<Trace>({
    queryKey: ["trace", id, tick],
    // Another trace's spans are not this one's old data.
    placeholderData: (before, query) => (query?.queryKey[1] === id ? before : undefined),
    queryFn: ({ signal }) => fetchTrace(id, signal),
    refetchInterval: ({ state }) => {
      if (state.data?.spans.length === 0) return state.dataUpdateCount < LOOKS ? LOOK_MS : false;
      return state.data && isFresh(state.data.spans) ? 3000 : false;
    },
  });
  const spans = trace.data?.spans;
  const tree = useMemo(() => buildTree(spans ?? []), [spans]);

  if (trace.isPending) return <Loading height={480} what="the trace" asked={[["trace", id, tick]]} />;
  if (trace.isError) return <Failure error={trace.error} retry={trace.refetch} what={`Trace ${id}`} />;
  if (tree.nodes.length === 0) {
    return (
      <Empty
        title={`No trace ${id}`}
        height={320}
        hint="It may be older than the retention, not yet arrived, or not sampled. It is looked for again for a quarter of a minute."
      />
    );
  }
  const note = trace.data.partial ?? (isFresh(trace.data.spans) ? "May be incomplete: spans could still be arriving." : "");
  return <TraceView key={id} id={id} tree={tree} note={note} />;
}

function isFresh(spans: readonly { end: bigint }[]): boolean {
  const last = spans.reduce((max, span) => (span.end > max ? span.end : max), 0n);
  return last > 0n && Date.now() - nanoToMs(last) < SETTLED_MS;
}
