import type { FieldConfig, Frame } from "../../lib/dashboard/frame";
import { compact, num, objs, str, type Obj } from "../../lib/dashboard/json";
import { isCalc } from "../../lib/dashboard/reduce";

/** The calculation by the plugin's name of it. */
export function operatorOf(options: Obj): string {
  const named = str(options.globalOperator, "mean");
  const renamed: Record<string, string> = { avg: "mean", current: "lastNotNull", total: "sum", last_time: "lastNotNull", name: "lastNotNull" };
  const calc = renamed[named] ?? named;
  return isCalc(calc) ? calc : "lastNotNull";
}

/** Frames with the plugin's own settings, unit, decimals and thresholds, where a field has none. */
export function withGlobals(frames: readonly Frame[], options: Obj): Frame[] {
  const steps = objs(options.globalThresholds).map((one, index) => ({ value: index === 0 && (num(one.value) ?? 0) === 0 ? null : (num(one.value) ?? null), color: str(one.color, "green") }));
  const own: FieldConfig = compact({
    unit: str(options.globalUnitFormat) || undefined,
    decimals: num(options.globalDecimals),
    thresholds: steps.length === 0 ? undefined : { mode: "absolute", steps },
  }) as FieldConfig;
  const base = str(options.globalFillColor);
  const fill: FieldConfig = steps.length > 0 || base === "" ? { color: { mode: "thresholds" } } : { color: { mode: "fixed", fixedColor: base } };
  return frames.map((frame) => ({ ...frame, fields: frame.fields.map((field) => (field.type === "number" ? { ...field, config: { ...field.config, ...own, ...fill } } : field)) }));
}
