import { resolveInstant, type RawRange, type TimeRange } from "../time";
import { durationMs } from "./duration";
import type { PanelModel } from "./model";

/** The time of the page. */
export interface PageTime {
  raw: RawRange;
  range: TimeRange;
  /** Unix milliseconds. */
  now: number;
  /** IANA name. */
  zone: string;
}

/** The time of one panel, and what to say of it where it differs from the page's. */
export interface PanelTime {
  range: TimeRange;
  label: string;
}

const words: Record<string, string> = { s: "second", m: "minute", h: "hour", d: "day", w: "week", M: "month", y: "year" };

/** The range that a panel shows: the page's, or one of its own, moved into the past. */
export function panelTime(panel: Pick<PanelModel, "timeFrom" | "timeShift">, page: PageTime): PanelTime {
  const own = panel.timeFrom === "" ? undefined : relativeRange(panel.timeFrom, page);
  const shift = panel.timeShift === "" ? undefined : shiftMs(panel.timeShift);
  const range = own?.range ?? page.range;
  const labels = [own?.label, shift === undefined ? undefined : `shifted back by ${panel.timeShift}`].filter((one) => one !== undefined);
  return {
    range: shift === undefined ? range : { from: range.from - shift, to: range.to - shift },
    label: labels.join(", "),
  };
}

/** `24h` is the last 24 hours, `now/d` today, `now-1d/d` yesterday. */
function relativeRange(text: string, page: PageTime): PanelTime | undefined {
  const written = text.startsWith("now") ? text : `now-${text}`;
  const from = resolveInstant(written, page.now, page.zone);
  const rounded = written.includes("/");
  const to = rounded ? resolveInstant(written, page.now, page.zone, true) : page.now;
  if (from === undefined || to === undefined || from >= to) return undefined;
  const span = /^(\d+)(s|m|h|d|w|M|y)$/.exec(text);
  const label = span ? `Last ${span[1]} ${words[span[2] ?? ""] ?? ""}${span[1] === "1" ? "" : "s"}` : written;
  return { range: { from, to }, label };
}

function shiftMs(text: string): number | undefined {
  return durationMs(text.replace(/^now-/, ""));
}
