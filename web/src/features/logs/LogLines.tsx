import { Button, SegmentedControl } from "@mantine/core";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";

import { filterKeys } from "../../components/filterKeys";
import { LogList } from "../../components/logs/LogList";
import { Notice } from "../../components/Notice";
import { useShown } from "../../components/shown";
import { Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useListKeys } from "../../components/useListKeys";
import type { SetUrlState } from "../../components/useUrlState";
import { WaitingLine } from "../../components/Waiting";
import { foldSame } from "../../lib/dedupe";
import { summariseFields } from "../../lib/logFields";
import { filterOn } from "../../lib/logFilter";
import type { LogLine } from "../../lib/logLines";
import { addFilter, addLineFilter, EVERYTHING, type Filter, type QueryShape } from "../../lib/logqlEdit";
import type { TimeRange } from "../../lib/time";
import { isoNano } from "../../lib/timeFormat";
import { FieldSidebar } from "./FieldSidebar";
import { LinesOverTime } from "./LinesOverTime";
import { ListTools } from "./ListTools";
import { LogCost } from "./LogCost";
import type { LogsState } from "./state";
import { listStatus, searched, tailStatus } from "./status";
import { useLinkedLine } from "./useLinkedLine";
import { useLiveTail } from "./useLiveTail";
import { PAGE_SIZE, useLogPages } from "./useLogPages";
import classes from "./logs.module.css";

// What is not there at first sight is fetched when it is wanted.
const WhatIsDifferent = lazy(() => import("../../components/difference/WhatIsDifferent").then((loaded) => ({ default: loaded.WhatIsDifferent })));
const LogDetail = lazy(() => import("./LogDetail").then((loaded) => ({ default: loaded.LogDetail })));
const NoLines = lazy(() => import("./NoLines").then((loaded) => ({ default: loaded.NoLines })));
const PatternsTab = lazy(() => import("./PatternsTab").then((loaded) => ({ default: loaded.PatternsTab })));
const StatsTab = lazy(() => import("./StatsTab").then((loaded) => ({ default: loaded.StatsTab })));

const dayMs = 86_400_000;

interface LogLinesProps {
  state: LogsState;
  shape: QueryShape;
  set: SetUrlState<LogsState>;
  onQuery(query: string): void;
}

/** The lines of a log query: fields at the left, their number over time above, one line's detail at the right. */
export function LogLines({ state, shape, set, onQuery }: LogLinesProps) {
  const { raw, range, zone, tick, zoomTo } = useTime();
  const [region, setRegion] = useState<TimeRange | null>(null);
  const wantedAt = /^\d+$/.test(state.at) ? Number(state.at) : undefined;
  // After a zoom elsewhere there is nothing to begin at.
  const at = wantedAt !== undefined && wantedAt >= range.from && wantedAt <= range.to + dayMs ? wantedAt : undefined;
  const [active, setActive] = useState(state.row);
  const [held, setHeld] = useState(false);
  const [atTop, setAtTop] = useState(true);
  // A refresh would take away the lines someone is reading further down: the list waits until they are back at the top.
  const [asked, setAsked] = useState({ raw, range, tick });
  const waits = !atTop && raw === asked.raw;
  if (!waits && asked.tick !== tick) setAsked({ raw, range, tick });
  const pages = useLogPages({ query: state.q, raw, range: waits ? asked.range : range, at, tick: waits ? asked.tick : tick, enabled: !state.live, forward: state.sort === "old" });
  const tail = useLiveTail(state.q, state.live, held || !atTop);
  const lines = state.live ? tail.lines : pages.lines;
  const listing = state.live || state.tab === "lines";
  const folded = useMemo(() => (state.dedupe === "none" ? undefined : foldSame(lines, state.dedupe)), [lines, state.dedupe]);
  const rows = useMemo(() => folded?.map((one) => one.line) ?? lines, [folded, lines]);
  const counts = useMemo(() => folded?.map((one) => one.count), [folded]);
  const listed = useMemo(() => (state.row === "" ? undefined : lines.find((line) => line.id === state.row)), [lines, state.row]);
  const linked = useLinkedLine(state.q, state.row, state.row !== "" && !listed && (state.live || pages.isSuccess));
  const open = listed ?? linked;

  const select = (line: LogLine) => {
    setActive(line.id);
    set({ row: line.id }, { replace: state.row !== "" });
  };
  const step = (by: 1 | -1, from: string) => {
    const index = rows.findIndex((line) => line.id === from);
    return rows[index < 0 ? 0 : Math.min(Math.max(index + by, 0), rows.length - 1)];
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
    onCopy: () => {
      const line = rows.find((one) => one.id === active) ?? open;
      return line && { text: line.line, what: "Line" };
    },
    extra: {
      ...filterKeys,
      w: () => set({ wrap: !state.wrap }, { replace: true }),
      c: () => {
        if (open) set({ ctx: !state.ctx }, { replace: true });
      },
      "[": () => stepOpen(-1),
      "]": () => stepOpen(1),
      ...(state.live && { " ": () => setHeld(!held) }),
    },
  });

  const onFilter = (filter: Filter) => onQuery(addFilter(state.q, filter));
  const { q } = state;
  const onPattern = useCallback((op: "|>" | "!>", pattern: string) => set({ q: addLineFilter(q, op, pattern), tab: "lines", row: "", at: "" }), [q, set]);
  useShown(() => ({ title: "Lines", columns: ["time", "line", "labels", "metadata"], rows: listing ? rows.map((line) => [isoNano(line.ts), line.line, JSON.stringify(line.labels), JSON.stringify(line.metadata)]) : [] }));
  const toggleColumn = (name: string): void => set({ cols: state.cols.includes(name) ? state.cols.filter((one) => one !== name) : [...state.cols, name] }, { replace: true });
  const failure = state.live ? (lines.length === 0 ? tail.error : undefined) : pages.wait.failure ? undefined : pages.error;

  return (
    <div className={classes.body}>
      <FieldSidebar lines={lines} more={!state.live && pages.hasMore} onFilter={onFilter} columns={state.cols} onColumn={toggleColumn} />
      <div className={classes.column}>
        {!state.live && !failure && (
          <LinesOverTime
            query={state.q}
            enabled={shape.kind === "log" || pages.isSuccess}
            lines={lines}
            by={state.bars}
            onBy={(bars) => set({ bars }, { replace: true })}
            onPick={(end) => set({ at: String(end), row: "", tab: "lines" })}
            onSelect={setRegion}
          />
        )}
        <div className={classes.toolbar}>
          {!state.live && (
            <SegmentedControl
              className={classes.tabs}
              size="xs"
              aria-label="View"
              data={[
                { value: "lines", label: "Lines" },
                { value: "patterns", label: "Patterns" },
                { value: "stats", label: "Stats" },
              ]}
              value={state.tab}
              onChange={(tab) => set({ tab: tab as LogsState["tab"] })}
            />
          )}
          <output className={classes.status} aria-live={state.live ? "off" : "polite"}>
            {state.live ? tailStatus(tail, held) : listStatus(pages, at, zone, waits && asked.tick !== tick)}
          </output>
          {!state.live && pages.search?.runs && (
            <Button variant="default" size="compact-xs" onClick={pages.search.stop}>
              Stop
            </Button>
          )}
          {!state.live && !pages.isPending && !pages.search && <WaitingLine of={pages.wait} />}
          {at !== undefined && !state.live && (
            <>
              {pages.hasPreviousPage && (
                <Button variant="default" size="compact-xs" disabled={pages.isFetching} onClick={() => void pages.fetchPreviousPage()}>
                  {state.sort === "old" ? "Older lines" : "Newer lines"}
                </Button>
              )}
              <Button variant="default" size="compact-xs" onClick={() => set({ at: "" })}>
                {state.sort === "old" ? "Back to the oldest" : "Back to the newest"}
              </Button>
            </>
          )}
          {state.live && (
            <Button variant="default" size="compact-xs" onClick={() => setHeld(!held)}>
              {held ? "Resume" : "Pause"}
            </Button>
          )}
          {listing && <ListTools state={state} set={set} lines={lines} range={range} onColumn={toggleColumn} />}
        </div>
        <Suspense fallback={<Loading height={240} what={state.tab} />}>
          {!listing && state.tab === "patterns" && <PatternsTab query={state.q} onPattern={onPattern} />}
          {!listing && state.tab === "stats" && <StatsTab query={state.q} stat={state.stat} lines={lines} onStat={(stat) => set({ stat }, { replace: true })} onFilter={onFilter} onQuery={onQuery} />}
        </Suspense>
        {listing && <div className={classes.list} aria-busy={pages.isFetching} data-stale={(!state.live && pages.isPlaceholderData) || undefined}>
          {!state.live && pages.search && !pages.search.runs && (
            <Notice action={{ label: "Search the rest", run: pages.search.goOn }}>
              {searched(pages.search, pages.forward, zone)}{pages.wait.failure ? `; then: ${pages.wait.failure.message}` : "; stopped there"}
            </Notice>
          )}
          {!state.live && pages.wait.failure && !pages.search && pages.isFetchNextPageError && <Notice action={{ label: "Try again", run: () => void pages.fetchNextPage() }}>No further lines: {pages.wait.failure.message}</Notice>}
          {!state.live && pages.wait.failure && !pages.search && !pages.isFetchNextPageError && <Notice action={{ label: "Try again", run: () => void pages.refetch() }}>No newer lines: {pages.wait.failure.message}</Notice>}
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
            <Loading height={240} what="lines" asked={pages.wait.asked} />
          ) : !state.live && lines.length === 0 && pages.search ? (
            pages.search.runs && <Loading height={240} what="lines" />
          ) : lines.length === 0 ? (
            <Suspense fallback={null}>
              <NoLines state={state} shape={shape} onQuery={onQuery} />
            </Suspense>
          ) : (
            <LogList
              lines={rows}
              {...(counts && { counts })}
              columns={state.cols}
              terms={shape.terms}
              wrap={state.wrap}
              zone={zone}
              active={active}
              open={open?.id ?? ""}
              onOpen={select}
              onFilter={(line, name, value, op) => onFilter(filterOn(line, name, value, op))}
              onEnd={() => {
                if (!state.live && pages.hasMore && !pages.isFetching && !pages.isError && !pages.search) void pages.fetchNextPage();
              }}
              anchored={at !== undefined}
              onTop={(top) => {
                setAtTop(top);
                if (top && !state.live && at !== undefined && pages.hasPreviousPage && !pages.isFetching) void pages.fetchPreviousPage();
              }}
            />
          )}
        </div>}
        {listing && !state.live && pages.stats && (
          <div className={classes.foot}>
            <LogCost stats={pages.stats} params={{ ...pages.window, limit: PAGE_SIZE, direction: pages.forward ? "forward" : "backward" }} />
          </div>
        )}
      </div>
      {open && (
        <Suspense fallback={null}>
          <LogDetail
            line={open}
            terms={shape.terms}
            derived={shape.derived}
            context={state.ctx}
            onContext={(ctx) => set({ ctx }, { replace: true })}
            columns={state.cols}
            onColumn={toggleColumn}
            onFilter={onFilter}
            onStep={stepOpen}
            onClose={() => set({ row: "", ctx: false })}
          />
        </Suspense>
      )}
      {region && (
        <Suspense fallback={null}>
          <WhatIsDifferent
            region={region}
            query={state.q}
            signal="logs"
            labels={Object.fromEntries(shape.chips.filter((chip) => chip.kind === "matcher" && chip.op === "=").map((chip) => [chip.name, chip.value]))}
            onFilter={(name, op, value) => {
              setRegion(null);
              const field = summariseFields(lines.slice(0, 500)).find((one) => one.name === name);
              onFilter({ origin: field?.origin ?? "metadata", name, op, value, ...(field?.parser && { parser: field.parser }) });
            }}
            onZoom={() => {
              zoomTo(region);
              setRegion(null);
            }}
            onClose={() => setRegion(null)}
          />
        </Suspense>
      )}
    </div>
  );
}
