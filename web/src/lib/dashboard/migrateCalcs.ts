// The names that calculations had in panels of before Grafana 7, and their ids.
const renamed: Record<string, string> = {
  avg: "mean",
  current: "lastNotNull",
  total: "sum",
  min: "min",
  max: "max",
  first: "firstNotNull",
  last_time: "lastNotNull",
  last: "last",
  name: "lastNotNull",
  delta: "delta",
  diff: "diff",
  range: "range",
  count: "count",
};

/** The id of a calculation by its old name; an id of today is kept, nothing becomes the last value. */
export function reducerOf(name: string): string {
  return renamed[name] ?? (name === "" ? "lastNotNull" : name);
}
