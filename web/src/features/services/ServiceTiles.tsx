import type { ServiceRed } from "../../api/services";
import { StatTile } from "../../components/StatTile";
import { formatValue, group } from "../../lib/units";
import { shareToken } from "./graph";
import classes from "./services.module.css";

/** The numbers of a service over the range. */
export function ServiceTiles({ service }: { service: ServiceRed }) {
  const { calls, errors, rate, errorRatio, p50, p95, p99, apdex, entry } = service;
  const token = shareToken(errorRatio);
  return (
    <div className={classes.tiles}>
      <StatTile title="Calls" value={formatValue(rate, "/s")} note={`${group(Math.round(calls))} ${entry ? "answered" : "spans: it answers no calls"}`} />
      <StatTile title="Failed" value={formatValue(errorRatio, "percentunit")} note={`${group(Math.round(errors))} of them`} {...(token ? { token } : {})} />
      <StatTile title="p50" value={formatValue(p50, "s")} note="half are faster" />
      <StatTile title="p95" value={formatValue(p95, "s")} note="1 of 20 is slower" />
      <StatTile title="p99" value={formatValue(p99, "s")} note="1 of 100 is slower" />
      <StatTile title="Apdex" value={formatValue(apdex, "none", 2)} note="500 ms satisfy" />
    </div>
  );
}
