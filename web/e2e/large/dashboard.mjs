/** Panels and queries of the largest public dashboard that was counted. */
export const panels = 258;
export const queries = 472;

const rows = 12;
const types = ["timeseries", "timeseries", "stat", "timeseries", "gauge", "timeseries", "table", "timeseries", "bargauge", "timeseries"];
const metrics = 60;
const hosts = 8;

/** A dashboard of so many panels and queries, none of its rows folded: all that large dashboards cost at once. */
export function largeDashboard() {
  const all = [];
  let asked = 0;
  for (let row = 0; row < rows; row++) {
    const from = Math.round((panels * row) / rows);
    const to = Math.round((panels * (row + 1)) / rows);
    const top = row * 100;
    all.push({ id: 1000 + row, type: "row", title: `Row ${row + 1}`, collapsed: false, gridPos: { x: 0, y: top, w: 24, h: 1 }, panels: [] });
    for (let index = from; index < to; index++) {
      // The queries are spread evenly: most panels have two, some have one.
      const until = Math.round((queries * (index + 1)) / panels);
      const place = index - from;
      all.push(panel(index, until - asked, { x: (place % 3) * 8, y: top + 1 + Math.floor(place / 3) * 8, w: 8, h: 8 }));
      asked = until;
    }
  }
  return {
    uid: "large",
    title: "Large",
    schemaVersion: 41,
    graphTooltip: 1,
    time: { from: "now-3h", to: "now" },
    templating: {
      list: [
        { name: "job", type: "query", datasource: { type: "prometheus" }, query: "label_values(large_0_total, job)", refresh: 1, current: {} },
        { name: "instance", type: "query", datasource: { type: "prometheus" }, query: 'label_values(large_0_total{job="$job"}, instance)', refresh: 2, multi: true, includeAll: true, current: { text: "All", value: "$__all" } },
      ],
    },
    panels: all,
  };
}

function panel(index, count, gridPos) {
  const type = types[index % types.length];
  const many = type === "timeseries" || type === "bargauge" || type === "table";
  const targets = Array.from({ length: count }, (_, at) => target(index, at, many, type));
  return {
    id: index + 1,
    type,
    title: `Panel ${index + 1} of $job`,
    gridPos,
    datasource: { type: "prometheus" },
    targets,
    fieldConfig: { defaults: { unit: index % 2 === 0 ? "bytes" : "short", custom: { fillOpacity: 10 }, thresholds: { mode: "absolute", steps: [{ color: "green", value: null }, { color: "red", value: 80 }] } }, overrides: [] },
    options: type === "timeseries" ? { legend: { displayMode: index % 3 === 0 ? "table" : "list", placement: "bottom", calcs: index % 3 === 0 ? ["mean", "max", "lastNotNull"] : [] }, tooltip: { mode: "multi", sort: "desc" } } : { reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false } },
  };
}

function target(index, at, many, type) {
  const selector = `large_${(index * 2 + at) % metrics}_total{job="$job", instance=~"$instance"}`;
  // No two panels ask the same, as where each draws a metric of its own.
  const rate = `rate(${selector}[$__rate_interval]) * ${index + 1}`;
  return {
    refId: String.fromCharCode(65 + at),
    datasource: { type: "prometheus" },
    expr: many ? rate : `sum(${rate})`,
    legendFormat: "{{instance}} {{mode}}",
    ...(type === "table" ? { format: "table", instant: true } : {}),
  };
}

/** The series that it draws: `{labels, at}`. */
export function largeSeries(start) {
  return Array.from({ length: metrics }, (_, metric) =>
    Array.from({ length: hosts }, (_host, host) => ({
      labels: { __name__: `large_${metric}_total`, job: "large", instance: `host-${host}:9100`, mode: metric % 2 === 0 ? "in" : "out" },
      at: (ms) => ((ms - start) / 1000) * (host + 1) + 300 * (host + 1) * (1 + Math.sin(ms / 600_000 + metric)),
    })),
  ).flat();
}
