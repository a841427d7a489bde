import { Button, Switch } from "@mantine/core";
import { useState } from "react";

import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useListKeys } from "../../components/useListKeys";
import type { SetUrlState } from "../../components/useUrlState";
import type { LogLine } from "../../lib/logLines";
import { addFilter, EVERYTHING, removeChip, type Filter, type QueryShape } from "../../lib/logqlEdit";
import { formatTime } from "../../lib/timeFormat";
import { formatValue, group } from "../../lib/units";
import { FieldSidebar } from "./FieldSidebar";
import { Histogram } from "./Histogram";
import { LogDetail } from "./LogDetail";
import { LogList } from "./LogList";
import type { LogsState } from "./state";
import { useLinkedLine } from "./useLinkedLine";
import { useLiveTail, TAIL_BUFFER } from "./useLiveTail";
import { MAX_LINES, useLogPages } from "./useLogPages";
import classes from "./logs.module.css";

interface LogLinesProps {
  state: LogsState;
  shape: QueryShape;
  set: SetUrlState<LogsState>;
  onQuery(query: string): void;
}

/** The lines of a log query: fields at the left, their number over time above, one line's detail at the right. */
export function LogLines({ state, shape, set, onQuery }: LogLinesProps) {
  const { raw, range, zone, tick } = useTime();
  const at = /^\d+$/.test(state.at) ? Number(state.at) : undefined;
  const [active, setActive] = useState(state.row);
  const [held, setHeld] = useState(false);
  const [atTop, setAtTop] = useState(true);
  // A refresh would take away the lines someone is reading further down: the list waits until they are back at the top.
  const [asked, setAsked] = useState({ raw, range, tick });
  const waits = !atTop && raw === asked.raw;
  if (!waits && asked.tick !== tick) setAsked({ raw, range, tick });
  const pages = useLogPages(state.q, waits ? asked.range : range, at, waits ? asked.tick : tick, !state.live);
  const tail = useLiveTail(state.q, state.live, held || !atTop);
  const lines = state.live ? tail.lines : pages.lines;
  const listed = lines.find((line) => line.id === state.row);
  const linked = useLinkedLine(state.q, state.row, state.row !== "" && !listed && (state.live || pages.isSuccess));
  const open = listed ?? linked;

  const select = (line: LogLine) => {
    setActive(line.id);
    set({ row: line.id }, { replace: state.row !== "" });
  };
  const step = (by: 1 | -1, from: string) => {
    const index = lines.findIndex((line) => line.id === from);
    return lines[index < 0 ? 0 : Math.min(Math.max(index + by, 0), lines.length - 1)];
  };
  const stepOpen = (by: 1 | -1) => {
    const next = step(by, state.row);
    if (next) select(next);
  };
  useListKeys({
    onMove: (by) => {
      const next = step(by, active);
      if (next) setActive(next.id);
      if (next && open) set({ row: next.id }, { replace: true });
    },
    onOpen: () => {
      const line = lines.find((one) => one.id === active);
      if (line) select(line);
    },
    onClose: () => {
      if (state.row !== "") set({ row: "" });
    },
    extra: {
      w: () => set({ wrap: !state.wrap }, { replace: true }),
      "[": () => stepOpen(-1),
      "]": () => stepOpen(1),
      ...(state.live && { " ": () => setHeld(!held) }),
    },
  });

  const onFilter = (filter: Filter) => onQuery(addFilter(state.q, filter));
  const failure = state.live ? (lines.length === 0 ? tail.error : undefined) : pages.error;

  return (
    <div className={classes.body}>
      <FieldSidebar lines={lines} onFilter={onFilter} />
      <div className={classes.column}>
        {!state.live && !failure && (
          <Histogram
            query={state.q}
            enabled={shape.kind === "log" || pages.isSuccess}
            onPick={(end) => set({ at: String(end), row: "" })}
          />
        )}
        <div className={classes.toolbar}>
          <output className={classes.status}>{state.live ? tailStatus(tail, held) : listStatus(pages, at, zone, waits && asked.tick !== tick)}</output>
          {at !== undefined && !state.live && (
            <Button variant="default" size="compact-xs" onClick={() => set({ at: "" })}>
              Back to the newest
            </Button>
          )}
          {state.live && (
            <Button variant="default" size="compact-xs" onClick={() => setHeld(!held)}>
              {held ? "Resume" : "Pause"}
            </Button>
          )}
          <Switch label="Wrap" checked={state.wrap} onChange={(event) => set({ wrap: event.currentTarget.checked }, { replace: true })} />
        </div>
        <div className={classes.list} aria-busy={pages.isFetching} data-stale={(!state.live && pages.isPlaceholderData) || undefined}>
          {failure ? (
            <div className={classes.message}>
              <Failure error={failure} retry={pages.refetch} what="The query" />
              {state.q !== EVERYTHING && (
                <Button variant="default" size="compact-sm" mt="sm" onClick={() => onQuery(EVERYTHING)}>
                  Show all lines instead
                </Button>
              )}
            </div>
          ) : !state.live && pages.isPending ? (
            <Loading height={240} what="lines" />
          ) : lines.length === 0 ? (
            <NoLines state={state} shape={shape} onQuery={onQuery} />
          ) : (
            <LogList
              lines={lines}
              terms={shape.terms}
              wrap={state.wrap}
              zone={zone}
              active={active}
              open={open?.id ?? ""}
              onOpen={select}
              onEnd={() => {
                if (!state.live && pages.hasMore && !pages.isFetching) void pages.fetchNextPage();
              }}
              onTop={setAtTop}
            />
          )}
        </div>
      </div>
      {open && <LogDetail line={open} terms={shape.terms} onFilter={onFilter} onStep={stepOpen} onClose={() => set({ row: "" })} />}
    </div>
  );
}

function listStatus(pages: ReturnType<typeof useLogPages>, at: number | undefined, zone: string, waits: boolean): string {
  if (pages.isPending || pages.isError) return "";
  const parts = [`${group(pages.lines.length)}${pages.hasMore ? "+" : ""} lines, newest first`];
  if (at !== undefined) parts.push(`before ${formatTime(at, zone)}`);
  if (pages.stats && pages.stats.bytes > 0) parts.push(`${formatValue(pages.stats.bytes, "bytes")} read in ${formatValue(pages.stats.seconds, "s")}`);
  if (pages.lines.length >= MAX_LINES) parts.push("the list ends here: click the histogram to go further back");
  if (waits) parts.push("newer lines show up at the top");
  if (pages.isFetchingNextPage) parts.push("loading more …");
  return parts.join(" · ");
}

function tailStatus(tail: ReturnType<typeof useLiveTail>, held: boolean): string {
  const how = { connecting: "Connecting …", stream: "Live", polling: "Live, asking every 2 s" }[tail.via];
  const parts = [how, `${group(tail.lines.length)} lines`];
  if (tail.lines.length >= TAIL_BUFFER) parts.push("older ones dropped");
  if (tail.dropped > 0) parts.push(`${group(tail.dropped)} left out: they came too fast`);
  if (held || tail.waiting > 0) parts.push(`paused, ${group(tail.waiting)} new`);
  if (tail.error) parts.push(tail.error.message);
  return parts.join(" · ");
}

function NoLines({ state, shape, onQuery }: { state: LogsState; shape: QueryShape; onQuery(query: string): void }) {
  const { raw, setRange } = useTime();
  const removable = shape.chips.filter((chip) => chip.removable).slice(-3);
  if (state.live) return <Empty title="No lines yet" hint="They show up here as they arrive. The last minute had none." height={240} />;
  return (
    <Empty
      title="No lines match in this time range"
      height={240}
      hint={
        <div className={classes.ways}>
          {raw.from !== "now-24h" && (
            <Button variant="default" size="compact-xs" onClick={() => setRange({ from: "now-24h", to: "now" })}>
              Look at the last 24 hours
            </Button>
          )}
          {state.q !== EVERYTHING &&
            removable.map((chip) => (
              <Button key={chip.from} variant="default" size="compact-xs" onClick={() => onQuery(removeChip(state.q, chip))}>
                Without {state.q.slice(chip.from, chip.to)}
              </Button>
            ))}
          {state.q === EVERYTHING && (
            <span>
              Send some over OTLP (<code>/v1/logs</code>) or Loki&apos;s push API (<code>/loki/api/v1/push</code>).
            </span>
          )}
        </div>
      }
    />
  );
}
