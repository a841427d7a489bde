import type { Look } from "../../lib/dashboard/display";
import type { Frame } from "../../lib/dashboard/frame";
import { joinValue, formatParts } from "../../lib/units";
import { mapValue } from "../../lib/dashboard/mapping";
import { alignLines, type Aligned } from "./columns";
import { readLines, type Line } from "./lines";
import { readScales, type Scale } from "./scales";

/** A chart ready to be drawn. */
export interface Chart {
  lines: Line[];
  aligned: Aligned;
  scales: Scale[];
  /** For each line the index of its scale. */
  scaleOf: number[];
}

/** The chart of a panel's frames. */
export function prepareChart(frames: readonly Frame[], look: Look): Chart {
  const lines = readLines(frames, look);
  const { scales, of } = readScales(lines, look);
  return { lines, aligned: alignLines(lines), scales, scaleOf: of };
}

/** Text of the ticks of a scale: with as many decimals as it takes to tell them apart. */
export function tickTexts(ticks: readonly (number | null)[], scale: Scale): string[] {
  const write = (decimals?: number): string[] =>
    ticks.map((tick) => {
      if (tick === null) return "";
      return mapValue(scale.mappings, tick)?.text ?? joinValue(formatParts(tick, scale.unit, decimals));
    });
  const told = (texts: readonly string[]): boolean => new Set(texts.filter((text) => text !== "")).size === texts.filter((text) => text !== "").length;
  let texts = write();
  for (let decimals = 1; decimals <= 6 && !told(texts); decimals++) texts = write(decimals);
  return texts;
}
