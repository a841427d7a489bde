import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { queryLogs } from "../../api/loki";
import { Failure, Loading } from "../../components/status";
import { levelToken } from "../../lib/colour";
import { logsPlace } from "../../lib/links";
import { levelOf, type LogLine } from "../../lib/logLines";
import { linesOfTrace } from "../../lib/logqlEdit";
import { logsOf } from "../../lib/service";
import type { TimeRange } from "../../lib/time";
import { msToNano } from "../../lib/timeFormat";
import type { Span } from "../../lib/trace";
import { formatNanoSpan } from "../../lib/units";
import classes from "./SpanDetail.module.css";

const most = 100;

/** Lines that tell of a span, and what they were found by. */
export interface SpanLines {
  lines: LogLine[];
  /** LogQL that finds them. */
  query: string;
  /** "span" bear the span's id; the others are of its service and bear the trace's id in a field, or in their text. */
  by: "span" | "trace" | "text";
}

/** The lines that were written within a span, newest first; without any, those of its service within the trace. */
export function useSpanLines(span: Span, window: TimeRange, enabled: boolean): UseQueryResult<SpanLines> {
  return useQuery({
    queryKey: ["span", "logs", span.traceId, span.spanId, span.service, window],
    enabled,
    placeholderData: undefined,
    retry: false,
    queryFn: async ({ signal }) => {
      const ask = async (query: string, by: SpanLines["by"]): Promise<SpanLines> => {
        const answer = await queryLogs({ query, start: msToNano(window.from), end: msToNano(window.to) }, { limit: most }, signal);
        return { lines: answer.kind === "lines" ? answer.lines : [], query, by };
      };
      const own = await ask(linesOfTrace(span.traceId, span.spanId), "span");
      if (own.lines.length > 0) return own;
      const service = logsOf(span.service);
      const fielded = await ask(`${service} | trace_id=${JSON.stringify(span.traceId)}`, "trace");
      if (fielded.lines.length > 0) return fielded;
      // Some write ids into their lines alone.
      const texts = await ask(`${service} |= ${JSON.stringify(span.traceId)}`, "text");
      return texts.lines.length > 0 ? texts : own;
    },
  });
}

/** How many lines there are, as far as was looked. */
export function countText(lines: readonly LogLine[]): string {
  return lines.length >= most ? `${most}+` : String(lines.length);
}

interface SpanLogsProps {
  lines: UseQueryResult<SpanLines>;
  span: Span;
  window: TimeRange;
  /** Unix nanoseconds. */
  traceStart: bigint;
}

/** The log lines of a span in the order in which they were written, with their time in the trace. */
export function SpanLogs({ lines, span, window, traceStart }: SpanLogsProps) {
  if (lines.isPending) return <Loading height={80} what="the log lines" />;
  if (lines.isError) return <Failure error={lines.error} retry={lines.refetch} what="Reading the log lines" />;
  const { lines: found, query, by } = lines.data;
  return (
    <>
      {found.length > 0 && by !== "span" && <p className={classes.note}>None bears the id of this span. These are of {span.service}, with the id of the trace{by === "text" && " in their text"}.</p>}
      {found.length > 0 && (
        <ol className={classes.lines} aria-label={by === "span" ? "Log lines of this span" : `Log lines of ${span.service} in this trace`}>
          {found.toReversed().map((line) => (
            <li key={line.id} className={classes.line} style={{ borderColor: levelToken(levelOf(line)) }}>
              <span className={classes.at}>{offset(BigInt(line.ts) - traceStart)}</span>
              {line.line}
            </li>
          ))}
        </ol>
      )}
      <p className={classes.foot}>
        {found.length === 0 ? `No line bears the id of this span, and none of ${span.service} that of the trace. ` : found.length >= most ? `The newest ${most}. ` : ""}
        <Link {...logsPlace(query, window)}>Open in Logs</Link> · <Link {...logsPlace(linesOfTrace(span.traceId), window)}>Lines of the whole trace</Link>
        {found.length === 0 && (
          <>
            {" "}
            · <Link {...logsPlace(logsOf(span.service), window)}>All lines of {span.service} then</Link>
          </>
        )}
      </p>
    </>
  );
}

function offset(nanos: bigint): string {
  return nanos < 0n ? `−${formatNanoSpan(-nanos)}` : `+${formatNanoSpan(nanos)}`;
}
