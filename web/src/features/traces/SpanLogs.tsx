import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { queryLogs } from "../../api/loki";
import { Failure, Loading } from "../../components/status";
import { levelToken } from "../../lib/colour";
import { logsPlace } from "../../lib/links";
import { levelOf, type LogLine } from "../../lib/logLines";
import { linesOfTrace } from "../../lib/logqlEdit";
import type { TimeRange } from "../../lib/time";
import { msToNano } from "../../lib/timeFormat";
import type { Span } from "../../lib/trace";
import { formatNanoSpan } from "../../lib/units";
import classes from "./SpanDetail.module.css";

const most = 100;

/** The lines that were written within a span, newest first. */
export function useSpanLines(span: Span, window: TimeRange, enabled: boolean): UseQueryResult<LogLine[]> {
  const query = linesOfTrace(span.traceId, span.spanId);
  return useQuery({
    queryKey: ["span", "logs", query, window],
    enabled,
    placeholderData: undefined,
    retry: false,
    queryFn: async ({ signal }) => {
      const answer = await queryLogs({ query, start: msToNano(window.from), end: msToNano(window.to) }, { limit: most }, signal);
      return answer.kind === "lines" ? answer.lines : [];
    },
  });
}

/** How many lines there are, as far as was looked. */
export function countText(lines: readonly LogLine[]): string {
  return lines.length >= most ? `${most}+` : String(lines.length);
}

interface SpanLogsProps {
  lines: UseQueryResult<LogLine[]>;
  span: Span;
  window: TimeRange;
  /** Unix nanoseconds. */
  traceStart: bigint;
}

/** The log lines of a span in the order in which they were written, with their time in the trace. */
export function SpanLogs({ lines, span, window, traceStart }: SpanLogsProps) {
  if (lines.isPending) return <Loading height={80} what="the log lines" />;
  if (lines.isError) return <Failure error={lines.error} retry={lines.refetch} what="Reading the log lines" />;
  return (
    <>
      {lines.data.length > 0 && (
        <ol className={classes.lines} aria-label="Log lines of this span">
          {lines.data.toReversed().map((line) => (
            <li key={line.id} className={classes.line} style={{ borderColor: levelToken(levelOf(line)) }}>
              <span className={classes.at}>{offset(BigInt(line.ts) - traceStart)}</span>
              {line.line}
            </li>
          ))}
        </ol>
      )}
      <p className={classes.foot}>
        {lines.data.length === 0 ? "No line bears the id of this span. " : lines.data.length >= most ? `The newest ${most}. ` : ""}
        <Link {...logsPlace(linesOfTrace(span.traceId, span.spanId), window)}>Open in Logs</Link> ·{" "}
        <Link {...logsPlace(linesOfTrace(span.traceId), window)}>Lines of the whole trace</Link>
      </p>
    </>
  );
}

function offset(nanos: bigint): string {
  return nanos < 0n ? `−${formatNanoSpan(-nanos)}` : `+${formatNanoSpan(nanos)}`;
}
