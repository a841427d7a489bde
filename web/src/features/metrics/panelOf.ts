import type { Obj } from "../../lib/dashboard/json";
import { bucketQuery } from "./bucketQuery";
import { guessUnit } from "./paneSeries";
import { referencesIn, type Pane } from "./panes";
import type { NamedQuery } from "./usePaneData";

const types = { graph: "timeseries", table: "table", heatmap: "heatmap" } as const;

/** A pane as the panel of a dashboard that shows the same. */
export function panelOf(pane: Pane, queries: readonly NamedQuery[], title: string): Obj {
  const [first] = queries;
  const heatmap = pane.view === "heatmap";
  const unit = pane.unit === "auto" ? guessUnit(first?.text ?? "") : pane.unit;
  const bars = pane.kind === "bars" || pane.kind === "stackedBars";
  const stacked = pane.kind === "stacked" || pane.kind === "stackedBars";
  const targets = queries.map((query): Obj => {
    const base = { refId: query.name, hide: query.hidden };
    if (referencesIn(query.text)) return { ...base, datasource: { type: "__expr__", uid: "__expr__" }, type: "math", expression: query.text };
    return {
      ...base,
      datasource: { type: "prometheus" },
      expr: heatmap ? bucketQuery(query.text) : query.text,
      legendFormat: query.legend || "__auto",
      ...(pane.view === "table" ? { instant: true, format: "table" } : { range: true, ...(heatmap ? { format: "heatmap" } : {}) }),
      ...(pane.exemplars ? { exemplar: true } : {}),
    };
  });
  return {
    type: types[pane.view],
    title: title === "" ? (first?.text ?? "") : title,
    gridPos: { x: 0, y: 0, w: 12, h: 8 },
    datasource: { type: "prometheus" },
    ...(pane.step === "" ? {} : { interval: pane.step }),
    targets: heatmap ? targets.slice(0, 1) : targets,
    fieldConfig: {
      defaults: {
        unit,
        custom: {
          drawStyle: bars ? "bars" : "line",
          fillOpacity: pane.kind === "lines" ? 0 : bars ? 80 : 20,
          stacking: { mode: stacked ? "normal" : "none", group: "A" },
          scaleDistribution: pane.log ? { type: "log", log: 10 } : { type: "linear" },
        },
      },
      overrides: [],
    },
    options: heatmap ? { yAxis: { unit } } : pane.view === "table" ? {} : { legend: { displayMode: "table", placement: "bottom", calcs: ["min", "mean", "max", "lastNotNull"] } },
  };
}
