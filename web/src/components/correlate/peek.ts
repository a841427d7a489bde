import type { Target } from "../../lib/correlate/targets";

/** Whether a target can be looked at beside the page: a service has a page of its own, and so has the rate of lines. */
export function canPeek({ to, queries }: Target): boolean {
  return to !== "service" && (to !== "logs" || queries.every((query) => query.startsWith("{")));
}
