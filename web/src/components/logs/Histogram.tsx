import { useComputedColorScheme } from "@mantine/core";
import { lazy, Suspense, type ReactNode } from "react";

import { queryLogs, type LogSeries } from "../../api/loki";
import type { ChartSeries } from "../chart/TimeSeries";
import { useTime } from "../time/TimeContext";
import { useAnswer } from "../useAnswer";
import { AsOf, Waiting } from "../Waiting";
import { levelColour } from "../../lib/colour";
import { LEVELS, levelFromName } from "../../lib/logLines";
import { countByLevel } from "../../lib/logqlEdit";
import { pickStep, stepText } from "../../lib/step";
import type { TimeRange } from "../../lib/time";
import { msToNano } from "../../lib/timeFormat";
import { counted } from "../../lib/units";
import classes from "./Histogram.module.css";

// The lines do not wait for the code that draws their map.
const TimeSeries = lazy(() => import("../chart/TimeSeries").then((loaded) => ({ default: loaded.TimeSeries })));

interface HistogramProps {
  /** A log query. */
  query: string;
  /** False for a query that is likely to be refused: its lines are asked for first. */
  enabled: boolean;
  /** A bar was clicked: its end, in Unix milliseconds. */
  onPick?(endMs: number): void;
  /** A stretch was dragged with Shift held. */
  onSelect?: (range: TimeRange) => void;
  /** What lines are told apart by instead of their severity: a label, and the query that counts them by it over a window such as `30s`. */
  groups?: { by: string; query: (window: string) => string } | undefined;
  /** Stands for the word that says what they are told apart by. */
  chooser?: ReactNode;
}

/** Groups of lines with a colour of their own; what is left is one more. */
const most = 10;

const HEIGHT = 96;

/** How many lines a query has over time, by severity: the map of the list below. */
export function Histogram({ query, enabled, onPick, onSelect, groups, chooser = groups?.by ?? "level" }: HistogramProps) {
  const { range, zone, zoomTo } = useTime();
  const scheme = useComputedColorScheme("light");
  const step = pickStep(range, 80);
  // Whole bars around the range, the one that is not over yet included: what is in the list is on its map.
  const aligned = { from: Math.floor(range.from / step) * step, to: Math.ceil(range.to / step) * step };
  const asked = groups ? groups.query(stepText(step)) : countByLevel(query, stepText(step));
  const ask = async ({ signal }: { signal: AbortSignal }) => {
    // A value at t counts the step before t, so the first one stands at the end of the first step.
    const window = { query: asked, start: msToNano(aligned.from + step), end: msToNano(aligned.to) };
    const answer = await queryLogs(window, { stepSeconds: step / 1000 }, signal);
    return answer.kind === "series" ? answer.series : [];
  };
  const counts = useAnswer(["logs", "histogram", asked, step], ask, { enabled });
  const times = grid(aligned.from / 1000, aligned.to / 1000, step / 1000);
  const found = groups ? byLabel(counts.data ?? [], groups.by, times) : byLevel(counts.data ?? [], times);
  const series = found.map(({ name, values }): ChartSeries => ({ name, times, values, ...(!groups && { colour: levelColour(levelFromName(name), scheme) }) }));
  const total = found.reduce((sum, one) => sum + one.total, 0);

  return (
    <section className={classes.histogram} aria-label="Lines over time" aria-busy={counts.isFetching}>
      <div className={classes.histogramHead}>
        <span>
          by {chooser} · bars of {stepText(step)} · drag to zoom{onSelect && ", Shift-drag for what is different"}{onPick && ", click to jump"}
        </span>
        <span className={classes.state}>
          <Waiting asked={counts.asked} />
          <AsOf at={counts.at} failed={counts.failure !== null} />
        </span>
        {counts.isSuccess && <strong title="All lines within the bars">{counted(total, "line")}</strong>}
      </div>
      {counts.isError ? (
        <p className={classes.histogramError} role="alert">
          No histogram: {counts.error.message}
        </p>
      ) : (
        <Suspense fallback={<div style={{ height: HEIGHT }} />}>
          <TimeSeries
            label={`Lines by ${groups?.by ?? "level"}`}
            series={series}
            range={aligned}
            zone={zone}
            kind="stackedBars"
            height={HEIGHT}
            legend={series.length > 1 ? "list" : "none"}
            onZoom={zoomTo}
            onSelect={onSelect}
            {...(onPick ? { onPick: (_, pointer) => onPick(Math.ceil((pointer * 1000) / step) * step) } : {})}
          />
        </Suspense>
      )}
    </section>
  );
}

/** The ends of the steps between two times, in their unit. */
function grid(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.round((to - from) / step) }, (_, index) => from + (index + 1) * step);
}

/** Lines of a kind at each of some times. */
interface Counted {
  name: string;
  values: number[];
  total: number;
}

/**
 * The counts of each severity at `times` (Unix seconds), added up where several names mean the same, mildest first.
 * Where the server has no value there were no lines.
 */
export function byLevel(series: readonly LogSeries[], times: readonly number[]): Counted[] {
  const counts = addUp(series, times, (labels) => levelFromName(labels["detected_level"]));
  return LEVELS.flatMap((level) => counts.get(level) ?? []);
}

/** The counts of each value of a label at `times`, the most frequent first; those beyond a few as one. */
export function byLabel(series: readonly LogSeries[], label: string, times: readonly number[]): Counted[] {
  const ranked = [...addUp(series, times, (labels) => labels[label] || `without ${label}`).values()].toSorted((a, b) => b.total - a.total);
  const rest = ranked.slice(most);
  if (rest.length === 0) return ranked;
  const values = times.map((_, slot) => rest.reduce((sum, one) => sum + (one.values[slot] ?? 0), 0));
  return [...ranked.slice(0, most), { name: `${rest.length} others`, values, total: rest.reduce((sum, one) => sum + one.total, 0) }];
}

function addUp(series: readonly LogSeries[], times: readonly number[], nameOf: (labels: Record<string, string>) => string): Map<string, Counted> {
  const slots = new Map(times.map((seconds, index) => [seconds, index]));
  const counts = new Map<string, Counted>();
  for (const { labels, points } of series) {
    const name = nameOf(labels);
    const one = counts.get(name) ?? { name, values: times.map(() => 0), total: 0 };
    for (const [seconds, value] of points) {
      const slot = slots.get(seconds);
      if (slot === undefined) continue;
      one.values[slot] = (one.values[slot] ?? 0) + value;
      one.total += value;
    }
    counts.set(name, one);
  }
  return counts;
}
