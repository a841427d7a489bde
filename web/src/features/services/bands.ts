import type { AlertChange } from "../../api/alertdesk";
import type { ActiveAlert } from "../../api/rules";
import type { Stretch } from "../../components/chart/TimeSeries";
import { alertPeriods } from "../../lib/alertPeriods";
import type { TimeRange } from "../../lib/time";

/** When alerts were pending (warn) or fired (error) within `range`: by what happened to them, newest first, and by what is active now. */
export function bandsOf(changes: readonly AlertChange[], active: readonly ActiveAlert[], range: TimeRange): Stretch[] {
  const byAlert = new Map<string, AlertChange[]>();
  for (const one of changes) byAlert.set(one.fingerprint, [...(byAlert.get(one.fingerprint) ?? []), one]);
  const told = [...byAlert.values()].flatMap((newestFirst) => alertPeriods(newestFirst.toReversed(), range));
  // What has been active since before the range changed nothing in it.
  const since = active.flatMap(({ activeAt, state }) => {
    const from = Date.parse(activeAt ?? "");
    return from < range.from && (state === "firing" || state === "pending") ? [{ from: range.from, to: range.to, state }] : [];
  });
  return merged([...told, ...since].map(({ from, to, state }): Stretch => ({ from: from / 1000, to: to / 1000, level: state === "firing" ? "error" : "warn" })));
}

/** Stretches of one level that touch, as one: shades of several alerts would add up to a colour that means nothing. */
function merged(bands: readonly Stretch[]): Stretch[] {
  const out: Stretch[] = [];
  for (const level of ["warn", "error"] as const) {
    let last: Stretch | undefined;
    for (const band of bands.filter((one) => one.level === level).toSorted((a, b) => a.from - b.from)) {
      if (last && band.from <= last.to) last.to = Math.max(last.to, band.to);
      else out.push((last = { ...band }));
    }
  }
  return out;
}
