import { browsePlace, logsPlace, metricsPlace, servicePlace, tracePlace, tracesPlace, type Place } from "../links";
import type { Target } from "./targets";

/** The page of a target. */
export function placeOf({ to, queries, range }: Omit<Target, "title">): Place {
  const [query = ""] = queries;
  switch (to) {
    case "logs":
      return logsPlace(query, range);
    case "traces":
      return tracesPlace(query, range);
    case "metrics":
      return metricsPlace(queries, range);
    case "browse": {
      const [name = "", ...value] = query.split("=");
      return browsePlace([{ name, op: "=", value: value.join("=") }], range);
    }
    case "trace":
      return tracePlace(query);
    case "service":
      return servicePlace(query);
  }
}
