import { ActionIcon } from "@mantine/core";
import IconChevronLeft from "@tabler/icons-react/dist/esm/icons/IconChevronLeft.mjs";
import IconChevronRight from "@tabler/icons-react/dist/esm/icons/IconChevronRight.mjs";
import { useState, type KeyboardEvent } from "react";

import { monthAfter, monthOf, type Day, type Month } from "../../lib/calendar";
import type { TimeRange } from "../../lib/time";
import { formatTime } from "../../lib/timeFormat";
import classes from "./Calendar.module.css";

interface CalendarProps {
  range: TimeRange;
  zone: string;
  onPick: (range: TimeRange) => void;
}

const weekdays = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/** Two months to choose whole days from: one click is where it begins, the next where it ends. */
export function Calendar({ range, zone, onPick }: CalendarProps) {
  const [shown, setShown] = useState(() => monthAfter(range.to, -1, zone));
  const [begun, setBegun] = useState<Day | null>(null);
  const [over, setOver] = useState<Day | null>(null);
  const marked = begun ? span(begun, over ?? begun) : range;

  const pick = (day: Day): void => {
    if (!begun) return setBegun(day);
    setBegun(null);
    setOver(null);
    onPick(span(begun, day));
  };

  return (
    <div className={classes.calendar}>
      <ActionIcon size="sm" aria-label="Earlier" onClick={() => setShown(monthAfter(shown, -1, zone))}>
        <IconChevronLeft size={14} />
      </ActionIcon>
      {[0, 1].map((count) => (
        <Sheet key={count} month={monthOf(monthAfter(shown, count, zone), zone)} zone={zone} marked={marked} begun={begun !== null} onPick={pick} onOver={setOver} />
      ))}
      <ActionIcon size="sm" aria-label="Later" onClick={() => setShown(monthAfter(shown, 1, zone))}>
        <IconChevronRight size={14} />
      </ActionIcon>
    </div>
  );
}

function span(one: Day, other: Day): TimeRange {
  return { from: Math.min(one.from, other.from), to: Math.max(one.to, other.to) };
}

interface SheetProps {
  month: Month;
  zone: string;
  marked: TimeRange;
  begun: boolean;
  onPick: (day: Day) => void;
  onOver: (day: Day) => void;
}

function Sheet({ month, zone, marked, begun, onPick, onOver }: SheetProps) {
  const today = Date.now();
  return (
    // Keys bubble up from the days, which are buttons.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div role="group" aria-label={month.title} className={classes.month} onKeyDown={moveFocus}>
      <div className={classes.title}>{month.title}</div>
      <div className={classes.days}>
        {weekdays.map((name) => (
          <span key={name} className={classes.weekday} aria-hidden="true">
            {name}
          </span>
        ))}
        {month.weeks.flat().map((day, index) =>
          day ? (
            <button
              type="button"
              key={day.from}
              className={classes.day}
              aria-label={`${formatTime(day.from, zone).slice(0, 10)}${begun ? ", end" : ", start"}`}
              aria-current={day.from <= today && today < day.to ? "date" : undefined}
              data-marked={day.from < marked.to && marked.from < day.to ? true : undefined}
              disabled={day.from > today}
              onClick={() => onPick(day)}
              onMouseEnter={() => onOver(day)}
              onFocus={() => onOver(day)}
            >
              {day.number}
            </button>
          ) : (
            <span key={`-${index}`} />
          ),
        )}
      </div>
    </div>
  );
}

const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** Arrow keys go from day to day within a month. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const by = steps[event.key];
  if (by === undefined) return;
  const days = [...event.currentTarget.querySelectorAll("button")];
  const at = days.findIndex((day) => day === document.activeElement);
  const next = days[at + by];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
}
