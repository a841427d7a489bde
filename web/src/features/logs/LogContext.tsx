import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { linesAround, linesFrom, type Around, type PlainLine } from "../../api/logContext";
import { LogText } from "../../components/logs/LogText";
import { Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { logsPlace } from "../../lib/links";
import type { LogLine } from "../../lib/logLines";
import { streamSelector } from "../../lib/logqlEdit";
import { clockOf, nanoToMs } from "../../lib/timeFormat";
import { counted } from "../../lib/units";
import classes from "./LogDetail.module.css";

const AROUND = 50;

/** The lines just before and after `line` in its stream, whatever the query filtered out; further ones on demand. */
export function LogContext({ line }: { line: LogLine }) {
  const query = streamSelector(line.labels);
  const context = useQuery({
    queryKey: ["logs", "context", line.id],
    placeholderData: undefined,
    retry: false,
    queryFn: ({ signal }) => linesAround(query, line.ts, line.line, AROUND, signal),
  });
  if (context.isPending) return <Loading what="lines around" />;
  if (context.isError) return <Failure error={context.error} retry={context.refetch} what="Reading the lines around" />;
  return <Surroundings line={line} query={query} around={context.data} />;
}

function Surroundings({ line, query, around }: { line: LogLine; query: string; around: Around }) {
  const { zone } = useTime();
  const older = useFurther(line.id, query, around.older, "backward");
  const newer = useFurther(line.id, query, around.newer, "forward");
  const ms = nanoToMs(line.ts);
  const before = [...older.lines.toReversed(), ...around.before];
  const after = [...around.after, ...newer.lines];
  const row = (one: PlainLine, index: number, current = false) => (
    <li
      // Lines of one stream may share time and text.
      // oxlint-disable-next-line react/no-array-index-key
      key={`${one.time} ${index}`}
      ref={current ? (item) => item?.scrollIntoView({ block: "center" }) : undefined}
      className={classes.contextLine}
      aria-current={current || undefined}
    >
      <time className={classes.contextTime}>{clockOf(nanoToMs(one.time), zone, true)}</time>
      <span className={classes.contextText}>
        <LogText text={one.line} terms={[]} />
      </span>
    </li>
  );
  return (
    <>
      <p className={classes.note}>
        {counted(before.length, "line")} before and {after.length} after in the same stream, newest first, filters lifted.{" "}
        <Link {...logsPlace(query, { from: ms - 60_000, to: ms + 60_000 })}>Open as a query</Link>
      </p>
      <More further={newer} label="50 newer lines" end="No newer lines" />
      <ol className={classes.context} aria-label="Lines around">
        {after.toReversed().map((one, index) => row(one, index))}
        {row(around.line, 0, true)}
        {before.toReversed().map((one, index) => row(one, index))}
      </ol>
      <More further={older} label="50 older lines" end="No older lines" />
    </>
  );
}

type Further = ReturnType<typeof useFurther>;

/** Pages of lines beyond those first shown, none until asked for. */
function useFurther(id: string, query: string, cursor: string | undefined, direction: "backward" | "forward") {
  const pages = useInfiniteQuery({
    queryKey: ["logs", "context", id, direction],
    enabled: false,
    initialPageParam: cursor ?? "",
    queryFn: ({ pageParam, signal }) => linesFrom(query, pageParam, direction, AROUND, signal),
    getNextPageParam: (last) => last.next,
  });
  const lines = pages.data?.pages.flatMap((page) => page.lines) ?? [];
  const more = pages.data ? pages.hasNextPage : cursor !== undefined;
  return { lines, more, busy: pages.isFetching, error: pages.error, ask: () => void (pages.data ? pages.fetchNextPage() : pages.refetch()) };
}

function More({ further, label, end }: { further: Further; label: string; end: string }) {
  if (further.error) return <Failure error={further.error} retry={further.ask} what="Reading further" />;
  if (!further.more) return <p className={classes.note}>{end}</p>;
  return (
    <Button size="compact-xs" variant="default" loading={further.busy} onClick={further.ask}>
      {label}
    </Button>
  );
}
