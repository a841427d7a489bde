import { useNavigate } from "@tanstack/react-router";

import { resolveSource, type Source } from "../../../lib/dashboard/datasource";
import { interpolate } from "../../../lib/dashboard/interpolate";
import type { PanelModel, SourceRef } from "../../../lib/dashboard/model";
import { writeFilter } from "../../../lib/dashboard/variables";
import type { RawSearch } from "../../../lib/urlState";
import type { PanelProps } from "../../../viz/panel";
import { useShared } from "../DashboardContext";

/** Adds to the dashboard's filters that reach what a panel asks; undefined where it has none. */
export function useLabelFilter(panel: PanelModel): PanelProps["onFilter"] {
  const { variables, sources, dashboard, scope } = useShared();
  const navigate = useNavigate();
  const sourceOf = (reference: SourceRef): Source | undefined => {
    const found = resolveSource(reference, { sources, inputs: dashboard.inputs, interpolate: (text) => interpolate(text, [scope], "raw") });
    return found.kind === "source" ? found.source : undefined;
  };
  const asked = new Set(panel.targets.map(({ datasource }) => sourceOf(datasource)?.uid).filter((uid) => uid !== undefined));
  const state = variables.find(({ model }) => model.type === "adhoc" && asked.has(sourceOf(model.datasource)?.uid ?? ""));
  if (!state) return undefined;
  const { model, filters } = state;
  return (key, operator, value) => {
    // Of one value it is either this or that.
    const others = filters.filter((one) => one.key !== key || one.value !== value);
    void navigate({ to: ".", search: (before: RawSearch) => ({ ...before, [`var-${model.name}`]: [...others, { key, operator, value }].map(writeFilter) }) });
  };
}
