import { createContext, useContext } from "react";

import type { Source } from "../../lib/dashboard/datasource";
import type { Scope } from "../../lib/dashboard/interpolate";
import type { Dashboard, PanelModel } from "../../lib/dashboard/model";
import type { VariableState } from "../../lib/dashboard/variables";
import type { PanelMark } from "../../viz/panel";
import type { PanelAnswer } from "./run/runPlan";

/** What all panels of one dashboard share. */
export interface DashboardShared {
  dashboard: Dashboard;
  sources: readonly Source[];
  variables: readonly VariableState[];
  /** The variables' values. */
  scope: Scope;
  /** Marks of all annotations that are switched on, with the panels that they are for. */
  marks: readonly (PanelMark & { filter: { exclude: boolean; ids: number[] } | null })[];
  /** The panel of an id, wherever in the dashboard it is. */
  panelOf: (id: number) => PanelModel | undefined;
  /** All panels are wanted, wherever they are: the page is about to be printed. */
  printing: boolean;
  /** The last good answers, for the times when a refresh fails. */
  lastGood: Map<string, PanelAnswer & { at: number }>;
}

export const DashboardContext = createContext<DashboardShared | null>(null);

/** The dashboard that the panel is in. */
export function useShared(): DashboardShared {
  const shared = useContext(DashboardContext);
  if (!shared) throw new Error("useShared outside a dashboard");
  return shared;
}
