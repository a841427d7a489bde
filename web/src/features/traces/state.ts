import { choice, flag, text, urlSchema } from "../../lib/urlState";

/** What a link to the Traces page carries beside the time range. */
export interface TracesState {
  /** TraceQL. */
  q: string;
  /** How many traces a search may find. */
  limit: (typeof LIMITS)[number];
}

export const LIMITS = ["20", "100", "500", "2000"] as const;

export const tracesState = urlSchema<TracesState>({ q: text("{}"), limit: choice(LIMITS, "100") });

/** What a link to one trace carries. */
export interface TraceState {
  /** Id of the span whose detail is open. */
  span: string;
  find: string;
  /** Whether the critical path is drawn. */
  path: boolean;
}

export const traceState = urlSchema<TraceState>({ span: text(), find: text(), path: flag(true) });
