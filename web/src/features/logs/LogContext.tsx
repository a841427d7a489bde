import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { queryLogs } from "../../api/loki";
import { Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { logsPlace } from "../../lib/links";
import { mergeLines, type LogLine } from "../../lib/logLines";
import { streamSelector } from "../../lib/logqlEdit";
import { shiftNanos } from "../../lib/nanos";
import { clockOf, nanoToMs } from "../../lib/timeFormat";
import { LogText } from "./LogText";
import classes from "./LogDetail.module.css";

const AROUND = 20;
const HOUR = 3_600_000_000_000n;

/** The lines just before and after `line` in its stream, whatever the query filtered out. */
export function LogContext({ line }: { line: LogLine }) {
  const { zone } = useTime();
  const query = streamSelector(line.labels);
  const context = useQuery({
    queryKey: ["logs", "context", line.id],
    placeholderData: undefined,
    queryFn: async ({ signal }) => {
      // Both sides take in the line's own nanosecond; what comes twice is dropped when they are merged.
      const before = { query, start: shiftNanos(line.ts, -HOUR), end: shiftNanos(line.ts, 1n) };
      const after = { query, start: line.ts, end: shiftNanos(line.ts, HOUR) };
      const answers = await Promise.all([
        queryLogs(before, { limit: AROUND + 1, direction: "backward" }, signal),
        queryLogs(after, { limit: AROUND + 1, direction: "forward" }, signal),
      ]);
      return mergeLines(...answers.map((answer) => (answer.kind === "lines" ? answer.lines : [])));
    },
  });
  if (context.isPending) return <Loading what="lines around" />;
  if (context.isError) return <Failure error={context.error} retry={context.refetch} what="Reading the lines around" />;
  const ms = nanoToMs(line.ts);
  return (
    <>
      <p className={classes.note}>
        Up to {AROUND} lines before and after in the same stream, newest first.{" "}
        <Link {...logsPlace(query, { from: ms - 60_000, to: ms + 60_000 })}>Open as a query</Link>
      </p>
      <ol className={classes.context} aria-label="Lines around">
        {context.data.map((one) => (
          <li
            key={one.id}
            ref={isSame(one, line) ? (item) => item?.scrollIntoView({ block: "center" }) : undefined}
            className={classes.contextLine}
            aria-current={isSame(one, line) || undefined}
          >
            <time className={classes.contextTime}>{clockOf(nanoToMs(one.ts), zone, true)}</time>
            <span className={classes.contextText}>
              <LogText text={one.line} terms={[]} />
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

// The query's parsers may have changed the labels, and with them the id.
function isSame(a: LogLine, b: LogLine): boolean {
  return a.ts === b.ts && a.line === b.line;
}
