import type { Params } from "../../api/client";
import type { LogStats } from "../../api/loki";
import { QueryStats } from "../../components/inspect/QueryStats";
import { counted, formatValue } from "../../lib/units";

interface LogCostProps {
  stats: LogStats;
  /** What the answer has, such as its series; said before what was read for it. */
  has?: string;
  /** What was asked of `/loki/api/v1/query_range`. */
  params: Params;
}

/** What the answer to a LogQL query took: the time, and what was read of the store; with the way to the rest of its account. */
export function LogCost({ stats: { seconds, lines, bytes, parts }, has, params }: LogCostProps) {
  const told = [
    formatValue(seconds, "s"),
    ...(has === undefined ? [] : [has]),
    ...(lines > 0 ? [`${counted(lines, "line")} read`] : []),
    ...(bytes > 0 ? [formatValue(bytes, "bytes")] : []),
    ...(parts > 0 ? [counted(parts, "part")] : []),
  ];
  return <QueryStats parts={told} of={{ path: "/loki/api/v1/query_range", params }} />;
}
