import { obj, num, str, strs, type Obj } from "../../lib/dashboard/json";
import { calcName, isCalc } from "../../lib/dashboard/reduce";

/** How a panel shows the names of what it draws. */
export interface LegendLook {
  form: "list" | "table" | "none";
  place: "bottom" | "right";
  /** Ids of the calculations beside each name. */
  calcs: readonly string[];
  /** Name of the calculation that orders it, e.g. "Mean". */
  sortBy: string;
  descending: boolean;
  /** In pixels, where it stands at the right. */
  width: number | undefined;
}

/** The `legend` of a panel's options. */
export function legendLook(options: Obj): LegendLook {
  const legend = obj(options.legend);
  const form = legend.showLegend === false || legend.displayMode === "hidden" ? "none" : legend.displayMode === "table" || legend.asTable === true ? "table" : "list";
  return {
    form,
    place: legend.placement === "right" ? "right" : "bottom",
    calcs: strs(legend.calcs).filter(isCalc),
    sortBy: str(legend.sortBy),
    descending: legend.sortDesc === true,
    width: num(legend.width),
  };
}

/** An id of `calcs` by its name, as `sortBy` holds it; "" for the series' name. */
export function sortedCalc(calcs: readonly string[], sortBy: string): string | undefined {
  return sortBy === "Name" ? "" : calcs.find((calc) => calcName(calc) === sortBy || calc === sortBy);
}
