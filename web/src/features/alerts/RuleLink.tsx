import { Link } from "@tanstack/react-router";

import type { Rule } from "../../api/rules";
import { logsPlace, metricsPlace, tracesPlace } from "../../lib/links";

/** Leads to the page that asks what the rule asks; query is its expression by default. */
export function RuleLink({ rule, query = rule.query }: { rule: Rule; query?: string }) {
  switch (rule.signal) {
    case "logs":
      return <Link {...logsPlace(query)}>Open in Logs</Link>;
    case "traces":
      return <Link {...tracesPlace(query)}>Open in Traces</Link>;
    default:
      return <Link {...metricsPlace(query)}>Open in Metrics</Link>;
  }
}
