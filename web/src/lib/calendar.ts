import { add, instant, startOf, wallClock } from "./zone";

/** A day of a month's sheet: its first millisecond, the first of the next day, and its number. */
export interface Day {
  from: number;
  to: number;
  number: number;
}

/** A month: weeks from Monday, with undefined where the days of other months would be. */
export interface Month {
  from: number;
  to: number;
  /** "November 2026". */
  title: string;
  weeks: (Day | undefined)[][];
}

/** The month that `ms` is in. */
export function monthOf(ms: number, zone: string): Month {
  const from = startOf("M", ms, zone);
  const to = add(from, 1, "M", zone);
  const { year, month } = wallClock(from, zone);
  const count = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const first = (new Date(Date.UTC(year, month - 1, 1)).getUTCDay() + 6) % 7;
  const at = (day: number): number => instant({ year, month, day, hour: 0, minute: 0, second: 0, milli: 0 }, zone);
  const days: (Day | undefined)[] = [
    ...Array.from({ length: first }, () => undefined),
    ...Array.from({ length: count }, (_, index) => ({ from: at(index + 1), to: index + 1 === count ? to : at(index + 2), number: index + 1 })),
  ];
  while (days.length % 7 !== 0) days.push(undefined);
  const title = new Intl.DateTimeFormat("en", { month: "long", year: "numeric", timeZone: "UTC" }).format(Date.UTC(year, month - 1, 1));
  return { from, to, title, weeks: Array.from({ length: days.length / 7 }, (_, week) => days.slice(week * 7, week * 7 + 7)) };
}

/** The month `count` after the one of `ms`, by its first millisecond. */
export function monthAfter(ms: number, count: number, zone: string): number {
  return add(startOf("M", ms, zone), count, "M", zone);
}
