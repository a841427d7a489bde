import { writeFilters, type LabelFilter } from "./filterState";
import type { TimeRange } from "./time";
import { absolute } from "./time";
import type { RawSearch } from "./urlState";

/** A place in the page, for `<Link {...place}>` and `navigate(place)`. Ranges not given are kept as they are. */
export interface Place {
  to: string;
  params?: Record<string, string>;
  search: (before: RawSearch) => RawSearch;
}

function place(to: string, state: RawSearch, range?: TimeRange, params?: Record<string, string>): Place {
  return {
    to,
    ...(params ? { params } : {}),
    search: ({ from, to: until, tz, refresh }) => ({ from, to: until, tz, refresh, ...(range ? absolute(range) : {}), ...state }),
  };
}

/** The Metrics page with one query per pane. */
export function metricsPlace(queries: string | readonly string[], range?: TimeRange): Place {
  return place("/explore/metrics", { q: typeof queries === "string" ? [queries] : [...queries] }, range);
}

/** The Metrics page, to look around among the metrics that some filters leave. */
export function browsePlace(filters: readonly LabelFilter[], range?: TimeRange): Place {
  return place("/explore/metrics", { mode: "browse", f: writeFilters(filters) }, range);
}

/** The Logs page with a LogQL query. */
export function logsPlace(query: string, range?: TimeRange): Place {
  return place("/explore/logs", { q: query }, range);
}

/** The Traces page with a TraceQL query. */
export function tracesPlace(query: string, range?: TimeRange): Place {
  return place("/explore/traces", { q: query }, range);
}

/** The editor of alert rules, with an expression to begin with. */
export function newRulePlace(expr: string): Place {
  return place("/alerts", { tab: "rules", expr });
}

/** What is known of one service. */
export function servicePlace(name: string): Place {
  return place("/services/$name", {}, undefined, { name });
}

/** The map of services, narrowed to those whose name contains `find` and their neighbours. */
export function mapPlace(find = ""): Place {
  return place("/services/map", find === "" ? {} : { q: find });
}

/** One trace, opened at a span if given. */
export function tracePlace(id: string, span?: string): Place {
  return place("/trace/$id", span ? { span } : {}, undefined, { id });
}
