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

/** The Logs page with a LogQL query, and one of its lines open if its id is given. */
export function logsPlace(query: string, range?: TimeRange, row = ""): Place {
  return place("/explore/logs", row === "" ? { q: query } : { q: query, row }, range);
}

/** The Traces page with a TraceQL query. */
export function tracesPlace(query: string, range?: TimeRange): Place {
  return place("/explore/traces", { q: query }, range);
}

/** The editor of alert rules, with an expression to begin with: of metrics, unless a signal is named. */
export function newRulePlace(expr: string, of: { signal?: "metrics" | "logs" | "traces"; name?: string } = {}): Place {
  return place("/alerts", { tab: "rules", expr, ...(of.signal && of.signal !== "metrics" ? { signal: of.signal } : {}), ...(of.name ? { name: of.name } : {}) });
}

/** What fires, narrowed by a name or label. */
export function alertsPlace(filter = ""): Place {
  return place("/alerts", filter === "" ? {} : { filter });
}

/** Objectives, narrowed by a name. */
export function objectivesPlace(filter = ""): Place {
  return place("/alerts", { tab: "slos", ...(filter === "" ? {} : { filter }) });
}

/** The form of a new objective, for a service. */
export function newSloPlace(service: string): Place {
  return place("/alerts", { tab: "slos", slo: service });
}

/** What is known of one service; its first tab unless one is named. */
export function servicePlace(name: string, tab = "", range?: TimeRange): Place {
  return place("/services/$name", tab === "" ? {} : { tab }, range, { name });
}

/** The map of services, narrowed to those whose name contains `find` and their neighbours. */
export function mapPlace(find = ""): Place {
  return place("/services/map", find === "" ? {} : { q: find });
}

/** The map of services, a service and those within some calls of it. */
export function focusPlace(service: string): Place {
  return place("/services/map", { focus: service });
}

/** A dashboard with one of its variables set. */
export function dashboardPlace(uid: string, variable: string, value: string): Place {
  return place("/d/$uid", { [`var-${variable}`]: value }, undefined, { uid });
}

/** One trace, opened at a span if given. */
export function tracePlace(id: string, span?: string): Place {
  return place("/trace/$id", span ? { span } : {}, undefined, { id });
}
