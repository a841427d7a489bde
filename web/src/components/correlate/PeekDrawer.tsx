import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";

import { queryLogs } from "../../api/loki";
import { labelValues } from "../../api/prom";
import { searchTraces } from "../../api/tempo";
import { levelToken } from "../../lib/colour";
import { placeOf } from "../../lib/correlate/place";
import type { Peek } from "../../lib/correlate/beside";
import { logsPlace, metricsPlace, tracePlace } from "../../lib/links";
import { levelOf, traceOf } from "../../lib/logLines";
import { absolute, type TimeRange } from "../../lib/time";
import { clockOf, formatTime, msToNano, nanoToMs } from "../../lib/timeFormat";
import { errorCount } from "../../lib/traceRows";
import { counted, formatValue, group, unitOf } from "../../lib/units";
import { QueryPanel, type ChartPanel } from "../QueryPanel";
import { SideDrawer } from "../SideDrawer";
import { Empty, Failure, Loading } from "../status";
import { TimeContext, useTime, type TimeState } from "../time/TimeContext";
import { TraceSummary } from "../trace/TraceDrawer";
import { useRules } from "./useRules";
import classes from "./PeekDrawer.module.css";

const mostLines = 100;
const mostTraces = 30;
const mostNames = 200;

const pages: Record<Peek["to"], string> = { logs: "Logs", traces: "Traces", trace: "the trace", metrics: "Metrics", browse: "Metrics", service: "the service" };

/** What a way to another signal leads to, beside the page that it was taken from. */
export function PeekDrawer({ target, onClose }: { target: Peek; onClose: () => void }) {
  const { range: page, zone } = useTime();
  const range = target.range ?? page;
  const title = useRules().find(({ id }) => id === target.rule)?.title ?? `Beside this page: ${pages[target.to]}`;
  const first = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    // After the menu, which gives the focus back as it closes.
    const timer = setTimeout(() => first.current?.focus(), 50);
    return () => clearTimeout(timer);
  }, [target]);
  return (
    <SideDrawer opened title={title} onClose={onClose}>
      <p className={classes.head}>
        <Link ref={first} {...placeOf(target)} title={target.queries.join("\n")}>
          Open in {pages[target.to]}
        </Link>
        {target.to !== "trace" && (
          <span>
            {formatTime(range.from, zone)} to {clockOf(range.to, zone)}
          </span>
        )}
      </p>
      {target.to !== "trace" && target.queries.map((query) => <code key={query} className={classes.query}>{query}</code>)}
      <Body target={target} range={range} />
    </SideDrawer>
  );
}

function Body({ target: { to, queries }, range }: { target: Peek; range: TimeRange }) {
  const [query = ""] = queries;
  switch (to) {
    case "logs":
      return <Lines query={query} range={range} />;
    case "traces":
      return <Traces query={query} range={range} />;
    case "trace":
      return <TraceSummary traceId={query} />;
    case "metrics":
      return <Charts queries={queries} range={range} />;
    case "browse":
      return <Names query={query} range={range} />;
    case "service":
      return null;
  }
}

interface PartProps {
  query: string;
  range: TimeRange;
}

function Lines({ query, range }: PartProps) {
  const { zone } = useTime();
  const answer = useQuery({
    queryKey: ["peek", "logs", query, range],
    placeholderData: undefined,
    queryFn: async ({ signal }) => {
      const found = await queryLogs({ query, start: msToNano(range.from), end: msToNano(range.to) }, { limit: mostLines, direction: "backward" }, signal);
      return found.kind === "lines" ? found.lines : [];
    },
  });
  if (answer.isPending) return <Loading what="lines" />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="Asking for lines" />;
  if (answer.data.length === 0) return <Empty title="No lines at this time" />;
  return (
    <>
      <p className={classes.head}>{answer.data.length >= mostLines ? `The newest ${mostLines}` : counted(answer.data.length, "line")}, newest first</p>
      <ol className={classes.list} aria-label="Lines">
        {answer.data.map((line) => {
          const trace = traceOf(line);
          return (
            <li key={line.id} className={classes.line} style={{ borderColor: levelToken(levelOf(line)) }}>
              <Link {...logsPlace(query, range, line.id)} title="Open this line in Logs">
                {clockOf(nanoToMs(line.ts), zone, true)}
              </Link>{" "}
              {trace && (
                <Link className={classes.chip} {...tracePlace(trace.traceId, trace.spanId)}>
                  trace {trace.traceId.slice(0, 8)}
                </Link>
              )}{" "}
              {line.line}
            </li>
          );
        })}
      </ol>
    </>
  );
}

function Traces({ query, range }: PartProps) {
  const { zone } = useTime();
  const answer = useQuery({
    queryKey: ["peek", "traces", query, range],
    placeholderData: undefined,
    queryFn: ({ signal }) => searchTraces({ query, start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) }, mostTraces, signal),
  });
  if (answer.isPending) return <Loading what="traces" />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="Searching traces" />;
  if (answer.data.length === 0) return <Empty title="No traces at this time" />;
  return (
    <>
      <p className={classes.head}>{answer.data.length >= mostTraces ? `${mostTraces} of more traces` : counted(answer.data.length, "trace")}</p>
      <ol className={classes.list} aria-label="Traces">
        {answer.data.map((row) => (
          <li key={row.traceId} className={classes.trace}>
            <Link {...tracePlace(row.traceId, row.firstMatch)}>{clockOf(nanoToMs(row.start), zone, true)}</Link>
            <span className={classes.name} dir="auto" title={`${row.rootService} ${row.rootName}`}>
              <b>{row.rootService || "–"}</b> {row.rootName}
            </span>
            <span className={classes.failed}>{errorCount(row) > 0 && `● ${group(errorCount(row))}`}</span>
            <span className={classes.number}>{row.durationMs === 0 ? "< 1 ms" : formatValue(row.durationMs, "ms")}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

function Charts({ queries, range }: { queries: readonly string[]; range: TimeRange }) {
  const page = useTime();
  const time = useMemo<TimeState>(() => ({ ...page, range, raw: absolute(range) }), [page, range]);
  return (
    <TimeContext value={time}>
      <div className={classes.charts}>
        {queries.map((query) => (
          <QueryPanel key={query} panel={chartOf(query)} height={160} />
        ))}
      </div>
    </TimeContext>
  );
}

function chartOf(query: string): ChartPanel {
  const names = query.match(/[a-zA-Z_:][\w:]*(?=\s*[{[])/g) ?? [];
  const rate = /\b(rate|irate|increase)\s*\(/.test(query) && !/histogram_(quantile|avg)/.test(query);
  const latency = /histogram_(quantile|avg)/.test(query) && /latency|duration/.test(query);
  return { title: query, query, unit: latency ? "s" : rate ? "/s" : (names.map(unitOf).find((one) => one !== "short") ?? "short") };
}

function Names({ query, range }: PartProps) {
  const [label = "", ...value] = query.split("=");
  const selector = `{${label}=${JSON.stringify(value.join("="))}}`;
  const answer = useQuery({ queryKey: ["peek", "names", selector, range], placeholderData: undefined, queryFn: ({ signal }) => labelValues("__name__", range, signal, selector) });
  if (answer.isPending) return <Loading what="metrics" />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="Asking for metrics" />;
  if (answer.data.length === 0) return <Empty title="No metrics at this time" />;
  return (
    <>
      <p className={classes.head}>{answer.data.length > mostNames ? `The first ${mostNames} of ${group(answer.data.length)} metrics` : counted(answer.data.length, "metric")}</p>
      <ul className={classes.list} aria-label="Metrics">
        {answer.data.slice(0, mostNames).map((name) => (
          <li key={name}>
            <Link {...metricsPlace(name + selector, range)}>{name}</Link>
          </li>
        ))}
      </ul>
    </>
  );
}
