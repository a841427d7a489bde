import { Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";

import { fetchTrace } from "../../api/tempo";
import { logsPlace, tracePlace } from "../../lib/links";
import { linesOfTrace } from "../../lib/logqlEdit";
import { buildTree, type TraceTree } from "../../lib/traceTree";
import { formatTime, nanoToMs } from "../../lib/timeFormat";
import { counted, formatNanoSpan } from "../../lib/units";
import { Notice } from "../Notice";
import { Empty, Failure, Loading } from "../status";
import { useTime } from "../time/TimeContext";
import classes from "./TraceDrawer.module.css";

const most = 60;

/** A trace in short beside the page it was met on; "" is none. */
export function TraceDrawer({ traceId, onClose }: { traceId: string; onClose: () => void }) {
  return (
    <Drawer opened={traceId !== ""} onClose={onClose} position="right" size="lg" title="Trace" withOverlay={false} trapFocus={false} lockScroll={false}>
      {traceId !== "" && <TraceSummary traceId={traceId} />}
    </Drawer>
  );
}

/** What a trace did, span by span: its first spans in their order, and where to see all of it. */
export function TraceSummary({ traceId }: { traceId: string }) {
  const { zone } = useTime();
  const answer = useQuery({ queryKey: ["trace", traceId], queryFn: ({ signal }) => fetchTrace(traceId, signal), placeholderData: undefined, retry: false });
  const tree = useMemo(() => buildTree(answer.data?.spans ?? []), [answer.data]);
  if (answer.isPending) return <Loading what="the trace" />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="Reading the trace" />;
  const root = tree.roots[0] ?? tree.orphans[0];
  if (!root) return <Empty title="This trace is not stored" hint="It was not sampled, has not arrived yet, or is older than what is kept." />;
  const start = nanoToMs(tree.start.toString());
  const window = { from: start - 60_000, to: start + tree.duration / 1e6 + 60_000 };
  return (
    <>
      <p className={classes.facts}>
        <strong>{root.span.service}</strong> {root.span.name} · {formatNanoSpan(tree.duration)} · {counted(tree.nodes.length, "span")} · {counted(tree.services.length, "service")}
        {tree.errors > 0 && <span className={classes.failed}> · {tree.errors} failed</span>} · {formatTime(start, zone)}
      </p>
      <p className={classes.links}>
        <Link {...tracePlace(traceId)}>Open the trace</Link>
        <Link {...logsPlace(linesOfTrace(traceId), window)}>Its logs</Link>
      </p>
      {answer.data.partial && <Notice>{answer.data.partial}</Notice>}
      <Spans tree={tree} traceId={traceId} />
    </>
  );
}

function Spans({ tree, traceId }: { tree: TraceTree; traceId: string }) {
  const width = Math.max(tree.duration, 1);
  return (
    <>
      <ol className={classes.spans} aria-label="Spans">
        {tree.nodes.slice(0, most).map((node) => (
          <li key={node.key} className={classes.span}>
            <span className={classes.name} style={{ paddingLeft: Math.min(node.depth, 8) * 10 }}>
              <Link {...tracePlace(traceId, node.span.spanId)}>
                <b>{node.span.service}</b> {node.span.name}
              </Link>
            </span>
            <span className={classes.track}>
              <i data-failed={node.span.status === "error" || undefined} style={{ left: `${(node.start / width) * 100}%`, width: `${(node.duration / width) * 100}%` }} />
            </span>
            <span className={classes.duration}>{formatNanoSpan(node.duration)}</span>
          </li>
        ))}
      </ol>
      {tree.nodes.length > most && <p className={classes.facts}>The first {most} of {tree.nodes.length} spans.</p>}
    </>
  );
}
