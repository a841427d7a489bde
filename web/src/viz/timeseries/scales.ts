import type { Look } from "../../lib/dashboard/display";
import { thresholdSteps, type ThresholdStep } from "../../lib/dashboard/colour";
import type { ValueMapping } from "../../lib/dashboard/frame";
import { num, obj, str } from "../../lib/dashboard/json";
import type { Line } from "./lines";

/** One scale of values: all lines of a unit that stand at one side share it. */
export interface Scale {
  key: string;
  unit: string;
  decimals: number | undefined;
  mappings: readonly ValueMapping[] | undefined;
  side: "left" | "right" | "hidden";
  label: string;
  grid: boolean | undefined;
  border: boolean;
  /** Of its only series, where the axis is to have it. */
  colour: string | undefined;
  min: number | undefined;
  max: number | undefined;
  softMin: number | undefined;
  softMax: number | undefined;
  /** Base of a logarithmic scale. */
  log: 2 | 10 | undefined;
  /** A logarithmic scale that goes through zero is linear up to here. */
  linearUpTo: number | undefined;
  centred: boolean;
  /** Heights are amounts: the scale begins at zero. */
  fromZero: boolean;
  thresholds: { line: boolean; area: boolean; dashed: boolean; steps: ThresholdStep[] } | undefined;
}

/** The scales of `lines`, in the order they are met, and for each line the index of its own. */
export function readScales(lines: readonly Line[], look: Look): { scales: Scale[]; of: number[] } {
  const scales = new Map<string, Scale>();
  // The first unit without a side has the left axis, others the right one.
  const firstAuto = lines.find((line) => sideOf(line) === undefined);
  const of = lines.map((line) => {
    const custom = obj(line.field.config.custom);
    const unit = line.stack?.percent ? "percentunit" : (line.field.config.unit ?? "short");
    const home = firstAuto?.stack?.percent ? "percentunit" : (firstAuto?.field.config.unit ?? "short");
    const side = sideOf(line) ?? (unit === home ? "left" : "right");
    const distribution = obj(custom.scaleDistribution);
    const key = JSON.stringify([side, unit, distribution.type ?? "linear", distribution.log ?? 0]);
    const known = scales.get(key);
    if (known) join(known, line);
    else {
      const fresh = fromLine(line, { key, unit, side }, look);
      join(fresh, line);
      scales.set(key, fresh);
    }
    return [...scales.keys()].indexOf(key);
  });
  return { scales: [...scales.values()], of };
}

function sideOf(line: Line): Scale["side"] | undefined {
  const side = line.field.config.custom?.axisPlacement;
  return side === "left" || side === "right" || side === "hidden" ? side : undefined;
}

function fromLine(line: Line, { key, unit, side }: Pick<Scale, "key" | "unit" | "side">, look: Look): Scale {
  const { config } = line.field;
  const custom = obj(config.custom);
  const distribution = obj(custom.scaleDistribution);
  return {
    key,
    unit,
    side,
    decimals: config.decimals,
    mappings: config.mappings,
    label: str(custom.axisLabel),
    grid: typeof custom.axisGridShow === "boolean" ? custom.axisGridShow : undefined,
    border: custom.axisBorderShow === true,
    colour: custom.axisColorMode === "series" ? line.stroke.colour : undefined,
    min: undefined,
    max: undefined,
    softMin: undefined,
    softMax: undefined,
    log: distribution.type === "log" ? (num(distribution.log) === 2 ? 2 : 10) : undefined,
    linearUpTo: distribution.type === "symlog" ? (num(distribution.linearThreshold) ?? 1) : undefined,
    centred: custom.axisCenteredZero === true,
    fromZero: false,
    thresholds: thresholdsOf(line, look),
  };
}

/** Widens a scale by the settings of one more line. */
function join(scale: Scale, line: Line): void {
  const { min, max, custom } = line.field.config;
  const wider = (one: number | undefined, other: number | undefined, pick: (...all: number[]) => number): number | undefined =>
    one === undefined ? other : other === undefined ? one : pick(one, other);
  scale.min = wider(scale.min, min, Math.min);
  scale.max = wider(scale.max, max, Math.max);
  scale.softMin = wider(scale.softMin, num(custom?.axisSoftMin), Math.min);
  scale.softMax = wider(scale.softMax, num(custom?.axisSoftMax), Math.max);
  scale.fromZero ||= line.draw === "bars" || line.stack !== undefined;
}

function thresholdsOf(line: Line, look: Look): Scale["thresholds"] {
  const mode = str(obj(line.field.config.custom?.thresholdsStyle).mode, "off");
  if (mode === "off" || mode === "series" || !line.field.config.thresholds) return undefined;
  const steps = thresholdSteps(line.field.config, look.scheme, { min: line.field.config.min ?? 0, max: line.field.config.max ?? 100 });
  return { line: mode.includes("line") || mode.includes("dashed"), area: mode.includes("area"), dashed: mode.includes("dashed"), steps };
}

/** The ends of a scale whose values lie between `low` and `high`. */
export function scaleEnds(scale: Scale, low: number | null, high: number | null): [number, number] {
  const fixed: [number, number] = [scale.min ?? 0, scale.max ?? 1];
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return fixed[0] < fixed[1] ? fixed : [fixed[0], fixed[0] + 1];
  let [bottom, top] = [Math.min(low, scale.softMin ?? low), Math.max(high, scale.softMax ?? high)];
  if (scale.fromZero || (bottom >= 0 && bottom < top / 2)) bottom = Math.min(bottom, 0);
  if (scale.fromZero || (top <= 0 && top > bottom / 2)) top = Math.max(top, 0);
  if (scale.centred) {
    top = Math.max(Math.abs(bottom), Math.abs(top));
    bottom = -top;
  }
  if (bottom === top) {
    [bottom, top] = bottom === 0 ? [0, 1] : [Math.min(0, bottom * 1.1), Math.max(0, top * 1.1)];
  } else {
    const room = (top - bottom) * 0.05;
    // No room beyond zero, nor beyond a soft end that holds.
    if (bottom !== 0 && bottom !== scale.softMin) bottom -= room;
    if (top !== 0 && top !== scale.softMax) top += room;
  }
  const ends: [number, number] = [scale.min ?? bottom, scale.max ?? top];
  return ends[0] < ends[1] ? ends : [ends[0], ends[0] + 1];
}
