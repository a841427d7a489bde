import { chartKinds } from "../../components/chart/KindSelect";
import type { ChartKind } from "../../components/chart/TimeSeries";
import { EVERYTHING } from "../../lib/logqlEdit";
import { parseStep, pickStep } from "../../lib/step";
import type { TimeRange } from "../../lib/time";
import { choice, flag, list, text, urlSchema } from "../../lib/urlState";

/** What a link to the Logs page carries beside the time range. */
export interface LogsState {
  /** LogQL. */
  q: string;
  /** Whole lines over several rows instead of their beginning in one. */
  wrap: boolean;
  /** Follow new lines as they come. */
  live: boolean;
  /** Id of the line whose detail is open. */
  row: string;
  /** Where the list begins instead of the end of the range: Unix milliseconds, set by a click on the histogram. */
  at: string;
  tab: "lines" | "patterns" | "stats";
  /** Fields shown in columns of their own. */
  cols: readonly string[];
  sort: "new" | "old";
  /** Which lines count as the same as the one before. */
  dedupe: "none" | "exact" | "numbers" | "signature";
  /** The open line's detail begins with the lines around it. */
  ctx: boolean;
  /** The field that the histogram's bars are coloured by; "" for the severity. */
  bars: string;
  /** What the Stats tab computes, as `function.field.by`. */
  stat: string;
  /** Of a metric query: what its series are shown as, how a chart draws them, and how far apart its points are, as `15s`. */
  view: "chart" | "table";
  form: ChartKind;
  step: string;
}

export const logsState = urlSchema<LogsState>({
  q: text(EVERYTHING),
  wrap: flag(false),
  live: flag(false),
  row: text(),
  at: text(),
  tab: choice(["lines", "patterns", "stats"], "lines"),
  cols: list(),
  sort: choice(["new", "old"], "new"),
  dedupe: choice(["none", "exact", "numbers", "signature"], "none"),
  ctx: flag(false),
  bars: text(),
  stat: text(),
  view: choice(["chart", "table"], "chart"),
  form: choice(chartKinds, "lines"),
  step: text(),
});

/** How far apart the points of a metric query are by themselves, in milliseconds. */
export function autoStep(range: TimeRange): number {
  return pickStep(range, 240);
}

/** How far apart the points of a metric query are: as was chosen, or by the range. */
export function metricStep({ step }: Pick<LogsState, "step">, range: TimeRange): number {
  return parseStep(step) ?? autoStep(range);
}
