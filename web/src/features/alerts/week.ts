import type { TimeInterval } from "../../api/alertdesk";

/** The days of a week, as columns and as configurations name them. */
export const days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
// Alertmanager counts its ranges from Sunday on.
const fromSunday = ["sunday", ...days.slice(0, 6)];

/** The hours of a week that some intervals cover, by day (Monday first): 0 to 1 of each hour. */
export function weekOf(intervals: readonly TimeInterval[]): number[][] {
  const week = days.map(() => Array<number>(24).fill(0));
  for (const interval of intervals) {
    const times = interval.times && interval.times.length > 0 ? interval.times : [{ start_time: "00:00", end_time: "24:00" }];
    days.forEach((day, column) => {
      if (!covers(interval.weekdays, day)) return;
      for (const { start_time: start, end_time: end } of times) fill(week[column] ?? [], minutes(start), minutes(end));
    });
  }
  return week;
}

/** What a week does not show of some intervals: months, days of months, years and the zone. */
export function besides(intervals: readonly TimeInterval[]): string[] {
  const words = intervals.flatMap((one) => [
    ...(one.months ? [`in ${one.months.join(", ")}`] : []),
    ...(one.days_of_month ? [`on days ${one.days_of_month.join(", ")} of a month`] : []),
    ...(one.years ? [`in ${one.years.join(", ")}`] : []),
    one.location ?? "UTC",
  ]);
  return [...new Set(words)];
}

/** The days that some ranges name, Monday first; none where there are no ranges. */
export function daysIn(weekdays: readonly string[] | undefined): string[] {
  return weekdays && weekdays.length > 0 ? days.filter((day) => covers(weekdays, day)) : [];
}

/** The ranges that name some days and no others, as Alertmanager writes them. */
export function rangesOf(chosen: readonly string[]): string[] {
  const out: string[] = [];
  for (let at = 0; at < fromSunday.length; at++) {
    const first = fromSunday[at] ?? "";
    if (!chosen.includes(first)) continue;
    while (at + 1 < fromSunday.length && chosen.includes(fromSunday[at + 1] ?? "")) at++;
    const last = fromSunday[at] ?? "";
    out.push(first === last ? first : `${first}:${last}`);
  }
  return out;
}

function covers(weekdays: readonly string[] | undefined, day: string): boolean {
  if (!weekdays || weekdays.length === 0) return true;
  return weekdays.some((range) => {
    const [first = "", last = first] = range.toLowerCase().split(":");
    const at = fromSunday.indexOf(day);
    return at >= fromSunday.indexOf(first) && at <= fromSunday.indexOf(last);
  });
}

function minutes(clock: string): number {
  const [hours = "0", rest = "0"] = clock.split(":");
  return Number(hours) * 60 + Number(rest);
}

function fill(hours: number[], from: number, to: number): void {
  for (let hour = 0; hour < 24; hour++) {
    const part = Math.min(to, (hour + 1) * 60) - Math.max(from, hour * 60);
    if (part > 0) hours[hour] = Math.min(1, (hours[hour] ?? 0) + part / 60);
  }
}
