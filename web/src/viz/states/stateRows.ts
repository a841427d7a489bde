import { strokes } from "../../lib/colour";
import { colourMode, displayer, fieldRange, type Look } from "../../lib/dashboard/display";
import { hiddenFrom } from "../../lib/dashboard/displaySeries";
import { fieldName } from "../../lib/dashboard/fieldname";
import type { Cell, Field, Frame } from "../../lib/dashboard/frame";
import { num } from "../../lib/dashboard/json";
import { joinValue } from "../../lib/units";

/** A stretch of time in which a field had one value; milliseconds since 1970. */
export interface StateCell {
  from: number;
  to: number;
  text: string;
  colour: string;
  /** Row of the frame. */
  row: number;
}

/** A field's values over time. */
export interface StateRow {
  key: string;
  name: string;
  field: Field;
  frame: Frame;
  cells: StateCell[];
}

interface Options {
  /** Neighbours that say the same become one. */
  merge: boolean;
  /** Each value has its own step; else it holds until the next. */
  steps: boolean;
  /** The end of what is drawn. */
  until: number;
}

/** The rows of a state timeline or a status history. */
export function stateRows(frames: readonly Frame[], look: Look, { merge, steps, until }: Options): StateRow[] {
  return frames.flatMap((frame) => {
    const time = frame.fields.find((field) => field.type === "time");
    if (!time) return [];
    const times = time.values.map(Number);
    const step = smallestStep(times);
    const end = endOf(times, step, until);
    return frame.fields.flatMap((field, index): StateRow[] => {
      if (field === time || hiddenFrom(field, "viz")) return [];
      const name = fieldName(field, frame, frames);
      const cells = cellsOf(field, times, frames, look, { merge, steps, until: end, step });
      return [{ key: `${frame.refId} ${index} ${name}`, name, field, frame, cells }];
    });
  });
}

function smallestStep(times: readonly number[]): number {
  let step = Infinity;
  for (let i = 1; i < times.length; i++) step = Math.min(step, (times[i] ?? 0) - (times[i - 1] ?? 0));
  return Number.isFinite(step) && step > 0 ? step : 60_000;
}

// Samples that nearly all follow each other by a step: the share of them.
const regular = 0.8;

/** Until when the last value holds. Where samples have come regularly and come no more, that is a step; else all that is drawn. */
function endOf(times: readonly number[], step: number, until: number): number {
  const last = times.at(-1) ?? until;
  const even = times.filter((time, index) => index > 0 && time - (times[index - 1] ?? 0) <= step * 1.5).length;
  return times.length > 2 && even >= regular * (times.length - 1) && until - last > 2 * step ? last + step : until;
}

function cellsOf(field: Field, times: readonly number[], frames: readonly Frame[], look: Look, { merge, steps, until, step }: Options & { step: number }): StateCell[] {
  const show = displayer(field, look, fieldRange(field, frames));
  const palette = colourMode(field).startsWith("palette") ? paletteOf(field, look) : undefined;
  const span = field.config.custom?.spanNulls;
  const joins = span === true ? Infinity : (num(span) ?? 0);
  const cells: StateCell[] = [];
  field.values.forEach((value, row) => {
    const display = show(value);
    // A value that is missing has a state only where a mapping gives it one.
    if (value === null && (display.text === "–" || display.text === field.config.noValue)) return;
    const from = times[row] ?? 0;
    const to = steps ? from + step : (times[row + 1] ?? Math.max(until, from));
    const text = joinValue(display);
    const colour = display.colour ?? palette?.get(text) ?? "#7F8998";
    const before = cells.at(-1);
    if (merge && before && before.text === text && before.colour === colour && (from - before.to <= 1 || from - before.to < joins)) before.to = to;
    else {
      if (before && !steps && from - before.to > 0 && from - before.to < joins) before.to = from;
      cells.push({ from, to, text, colour, row });
    }
  });
  return cells;
}

function paletteOf(field: Field, look: Look): Map<string, string> {
  const show = displayer(field, look, { min: 0, max: 1 });
  const texts = [...new Set(field.values.filter((value): value is Exclude<Cell, null> => value !== null).map((value) => joinValue(show(value))))];
  return new Map(strokes(texts, look.scheme).map((stroke, index) => [texts[index] ?? "", stroke.colour]));
}

/** What the colours stand for: each text with its colour, as they are met. */
export function statesOf(rows: readonly StateRow[]): { text: string; colour: string }[] {
  const states = new Map<string, { text: string; colour: string }>();
  for (const { cells } of rows) for (const { text, colour } of cells) states.set(`${text} ${colour}`, { text, colour });
  return [...states.values()];
}
