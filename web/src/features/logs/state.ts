import { EVERYTHING } from "../../lib/logqlEdit";
import { flag, text, urlSchema } from "../../lib/urlState";

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
}

export const logsState = urlSchema<LogsState>({
  q: text(EVERYTHING),
  wrap: flag(false),
  live: flag(false),
  row: text(),
  at: text(),
});
