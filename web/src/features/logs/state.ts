import { EVERYTHING } from "../../lib/logqlEdit";
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
  /** What the Stats tab computes, as `function.field.by`. */
  stat: string;
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
  stat: text(),
});

/** Points of the chart of a metric query, at most. */
export const metricPoints = 240;
