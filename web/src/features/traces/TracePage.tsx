import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";

import { fetchTrace, type Trace } from "../../api/tempo";
import { Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { nanoToMs } from "../../lib/timeFormat";
import { buildTree } from "../../lib/traceTree";
import { NoTrace } from "./NoTrace";
import { TraceView } from "./TraceView";
import { useFor } from "./useFor";

// A trace that ended less than this ago may still be arriving, and so long it is asked for again.
const SETTLED_MS = 30_000;
const POLL_MS = 3000;

// A link from a log line can be faster than the spans: so long is an unknown
// trace asked for again.
const LOOK_MS = 16_000;
const LOOK_EVERY_MS = 2000;

/** One trace. */
export function TracePage() {
  const { id = "" } = useParams({ strict: false });
  const { tick, refresh } = useTime();
  const looking = useFor(LOOK_MS, `${id} ${tick}`);
  const trace = useQuery<Trace>({
    queryKey: ["trace", id, tick],
    // Another trace's spans are not this one's old data.
    placeholderData: (before, query) => (query?.queryKey[1] === id ? before : undefined),
    queryFn: ({ signal }) => fetchTrace(id, signal),
    refetchInterval: ({ state }) => {
      if (state.data?.spans.length === 0) return looking ? LOOK_EVERY_MS : false;
      // Who has another clock than the services must not be asked for ever.
      return state.data && isFresh(state.data.spans) && state.dataUpdateCount <= SETTLED_MS / POLL_MS ? POLL_MS : false;
    },
  });
  const spans = trace.data?.spans;
  // The note is over when its time is, not with the next answer; spans that came begin it anew.
  const growing = useFor(SETTLED_MS, spans);
  const tree = useMemo(() => buildTree(spans ?? []), [spans]);

  if (trace.isPending) return <Loading height={480} what="the trace" asked={[["trace", id, tick]]} />;
  if (trace.isError) return <Failure error={trace.error} retry={trace.refetch} what={`Trace ${id}`} />;
  if (tree.nodes.length === 0) return <NoTrace id={id} looking={looking} onLook={refresh} />;
  const note = trace.data.partial ?? (growing && isFresh(trace.data.spans) ? "May be incomplete: spans could still be arriving." : "");
  return <TraceView key={id} id={id} tree={tree} note={note} />;
}

function isFresh(spans: readonly { end: bigint }[]): boolean {
  const last = spans.reduce((max, span) => (span.end > max ? span.end : max), 0n);
  return last > 0n && Date.now() - nanoToMs(last) < SETTLED_MS;
}
