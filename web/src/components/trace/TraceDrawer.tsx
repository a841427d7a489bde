import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";

import { fetchTrace } from "../../api/tempo";
import { logsPlace, tracePlace } from "../../lib/links";
import { linesNaming, linesOfTrace } from "../../lib/logqlEdit";
import { buildTree, type SpanNode, type TraceTree } from "../../lib/traceTree";
import { formatTime, nanoToMs } from "../../lib/timeFormat";
import { counted, formatNanoSpan, group } from "../../lib/units";
import { Notice } from "../Notice";
import { SideDrawer } from "../SideDrawer";
import { Empty, Failure, Loading } from "../status";
import { useTime } from "../time/TimeContext";
import classes from "./TraceDrawer.module.css";

const most = 60;

/** A trace in short beside the page it was met on, at one of its spans if that is named; "" is none. */
export function TraceDrawer({ traceId, spanId = "", onClose }: { traceId: string; spanId?: string; onClose: () => void }) {
  return (
    <SideDrawer opened={traceId !== ""} onClose={onClose} title="Trace">
      {traceId !== "" && <TraceSummary traceId={traceId} spanId={spanId} />}
    </SideDrawer>
  );
}

/** What a trace did, span by span: its first spans in their order, or those around the one that is named, and where to see all of it. */
export function TraceSummary({ traceId, spanId = "" }: { traceId: string; spanId?: string }) {
  const { zone } = useTime();
  const answer = useQuery({ queryKey: ["trace", traceId], queryFn: ({ signal }) => fetchTrace(traceId, signal), placeholderData: undefined, retry: false });
  const tree = useMemo(() => buildTree(answer.data?.spans ?? []), [answer.data]);
  if (answer.isPending) return <Loading what="the trace" />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="Reading the trace" />;
  const root = tree.roots[0] ?? tree.orphans[0];
  if (!root) {
    return (
      <Empty
        title="This trace is not stored"
        hint={
          <>
            It was not sampled, has not arrived yet, or is older than what is kept. <Link {...logsPlace(linesNaming(traceId))}>Log lines with its id</Link>
          </>
        }
      />
    );
  }
  const named = spanId === "" ? undefined : tree.nodes.find((node) => node.span.spanId === spanId);
  const start = nanoToMs(tree.start.toString());
  const window = { from: start - 60_000, to: start + tree.duration / 1e6 + 60_000 };
  return (
    <>
      <p className={classes.facts}>
        <strong>{root.span.service}</strong> {root.span.name} · {formatNanoSpan(tree.duration)} · {counted(tree.nodes.length, "span")} · {counted(tree.services.length, "service")}
        {tree.errors > 0 && <span className={classes.failed}> · {tree.errors} failed</span>} · {formatTime(start, zone)}
      </p>
      <p className={classes.links}>
        <Link {...tracePlace(traceId, named?.span.spanId)}>Open the trace</Link>
        <Link {...logsPlace(linesOfTrace(traceId), window)}>Its logs</Link>
      </p>
      {answer.data.partial && <Notice>{answer.data.partial}</Notice>}
      {spanId !== "" && !named && <Notice>The trace has no span {spanId}: it was not sampled, or has not arrived.</Notice>}
      <Spans tree={tree} traceId={traceId} named={named} />
    </>
  );
}

function Spans({ tree, traceId, named }: { tree: TraceTree; traceId: string; named: SpanNode | undefined }) {
  const width = Math.max(tree.duration, 1);
  // The span that is asked about is among those that are shown, with what led to it.
  const at = named ? tree.nodes.indexOf(named) : 0;
  const first = at < most ? 0 : at - most / 2;
  return (
    <>
      <ol className={classes.spans} aria-label="Spans">
        {tree.nodes.slice(first, first + most).map((node) => (
          <li key={node.key} className={classes.span} aria-current={node === named || undefined}>
            <span className={classes.name} dir="auto" style={{ paddingLeft: Math.min(node.depth, 8) * 10 }}>
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
      {tree.nodes.length > most && (
        <p className={classes.facts}>
          {first === 0 ? `The first ${most}` : `Those from ${group(first + 1)} on`} of {group(tree.nodes.length)} spans.
        </p>
      )}
    </>
  );
}
