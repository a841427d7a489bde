import { num, obj, str } from "../../lib/dashboard/json";
import type { Field } from "../../lib/dashboard/frame";
import { trendOf } from "../../lib/dashboard/transformSeries";

/** How a column's cells are drawn. */
export type CellKind = "auto" | "color-text" | "color-background" | "gauge" | "sparkline" | "json-view" | "pill" | "data-links" | "image";

/** A column's settings: `fieldConfig.custom` of a table. */
export interface CellLook {
  kind: CellKind;
  /** Of a background: over the whole cell, or fading. Of a gauge: as bar gauges are. */
  mode: string;
  /** A background is that of the whole row. */
  wholeRow: boolean;
  /** Whether a gauge has its value beside it. */
  showsValue: boolean;
  align: "left" | "center" | "right";
  /** Pixels; undefined is a share of the rest. */
  width: number | undefined;
  minWidth: number;
  wrap: boolean;
  filterable: boolean;
}

const kinds: readonly CellKind[] = ["color-text", "color-background", "gauge", "sparkline", "json-view", "pill", "data-links", "image"];

/** The settings of a field's column. */
export function cellLook({ type, config, values }: Field): CellLook {
  const custom = obj(config.custom);
  const options = obj(custom.cellOptions);
  const named = str(options.type, str(custom.displayMode, "auto"));
  const trend = type === "trace" && hasTrends(values);
  const kind = kinds.find((one) => one === named) ?? (trend ? "sparkline" : type === "json" ? "json-view" : "auto");
  const width = num(custom.width);
  return {
    kind,
    mode: str(options.mode, "gradient"),
    wholeRow: options.applyToRow === true,
    showsValue: str(options.valueDisplayMode) !== "hidden",
    align: alignOf(custom.align, type === "number" || type === "bool" ? "right" : "left"),
    width: width !== undefined && width > 0 ? width : undefined,
    minWidth: num(custom.minWidth) ?? 80,
    wrap: custom.wrapText === true || options.wrapText === true,
    filterable: config.filterable === true || custom.filterable === true,
  };
}

function hasTrends(values: Field["values"]): boolean {
  return values.some((value) => trendOf(value) !== undefined);
}

function alignOf(raw: unknown, fallback: CellLook["align"]): CellLook["align"] {
  return raw === "left" || raw === "center" || raw === "right" ? raw : fallback;
}

/** Whether a field has a column at all; spans stand beside the columns that tell of them. */
export function isShown({ type, config, values }: Field): boolean {
  const custom = obj(config.custom);
  return !(type === "trace" && !hasTrends(values)) && custom.hidden !== true && obj(custom.hideFrom).viz !== true;
}
