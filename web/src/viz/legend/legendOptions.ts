import type { LegendLook, LegendOrder } from "../../components/chart/Legend";
import { obj, num, str, strs, type Obj } from "../../lib/dashboard/json";
import { calcName, isCalc } from "../../lib/dashboard/reduce";

/** How a panel shows the names of what it draws, and what it calculates of each. */
export interface PanelLegend extends LegendLook {
  /** Ids of the calculations that the columns are. */
  calcs: readonly string[];
}

/** The `legend` of a panel's options. */
export function legendLook(options: Obj): PanelLegend {
  const legend = obj(options.legend);
  const form = legend.showLegend === false || legend.displayMode === "hidden" ? "none" : legend.displayMode === "table" || legend.asTable === true ? "table" : "list";
  const calcs = strs(legend.calcs).filter(isCalc);
  return {
    form,
    place: legend.placement === "right" ? "right" : "bottom",
    calcs,
    columns: calcs.map(calcName),
    order: orderBy(calcs, str(legend.sortBy), legend.sortDesc === true),
    width: num(legend.width),
  };
}

/** `sortBy` holds the name of a calculation, such as "Mean", or "Name". */
function orderBy(calcs: readonly string[], sortBy: string, descending: boolean): LegendOrder | undefined {
  if (sortBy === "Name") return { by: -1, descending };
  const by = calcs.findIndex((calc) => calcName(calc) === sortBy || calc === sortBy);
  return by < 0 ? undefined : { by, descending };
}

/** The same without anything calculated, for panels that have but names. */
export function namesOnly(legend: PanelLegend): LegendLook {
  return { ...legend, columns: [], order: undefined };
}
