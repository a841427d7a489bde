import { num, obj, str, type Obj } from "../../lib/dashboard/json";
import { formatLabels } from "../../lib/labels";
import { labelsOf, type FrameRow } from "./rows";

/** An alert as a list shows it. */
export interface ListedAlert {
  key: string;
  name: string;
  state: string;
  summary: string;
  labels: Record<string, string>;
  /** Milliseconds since 1970. */
  since: number | undefined;
}

const severities = ["critical", "page", "error", "warning", "warn", "info"];

/** The alerts that a panel's options let through, in the order they ask for. */
export function chooseAlerts(rows: readonly FrameRow[], options: Obj, interpolate: (text: string) => string): ListedAlert[] {
  const states = obj(options.stateFilter);
  const name = interpolate(str(options.alertName)).toLowerCase();
  const wanted = labelMatches(interpolate(str(options.alertInstanceLabelFilter)));
  const alerts = rows.map((row): ListedAlert => {
    const labels = labelsOf(row("labels"));
    const notes = labelsOf(row("annotations"));
    return { key: formatLabels(labels), name: str(row("alertname")), state: str(row("state")), summary: notes.summary ?? notes.description ?? "", labels, since: num(row("Time")) };
  });
  const passed = alerts.filter((alert) => states[alert.state] !== false && alert.name.toLowerCase().includes(name) && wanted(alert.labels));
  return passed.toSorted(orders[num(options.sortOrder) ?? 3] ?? byImportance);
}

function labelMatches(filter: string): (labels: Record<string, string>) => boolean {
  const pairs = Array.from(filter.matchAll(/(\w+)\s*(=~|!=|!~|=)\s*"([^"]*)"/g), ([, key = "", op = "", value = ""]) => ({ key, op, value }));
  return (labels) =>
    pairs.every(({ key, op, value }) => {
      const has = labels[key] ?? "";
      const met = op.endsWith("~") ? matches(value, has) : has === value;
      return op.startsWith("!") ? !met : met;
    });
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(text);
  } catch {
    return false;
  }
}

type Order = (a: ListedAlert, b: ListedAlert) => number;

const rank = ({ state, labels }: ListedAlert): number => {
  const severity = severities.indexOf((labels.severity ?? "").toLowerCase());
  return (state === "firing" ? 0 : 100) + (severity < 0 ? severities.length : severity);
};
const byName: Order = (a, b) => a.name.localeCompare(b.name);
const byImportance: Order = (a, b) => rank(a) - rank(b) || byName(a, b);
// By Grafana's numbers: names up and down, importance, times up and down.
const orders: Record<number, Order> = {
  1: byName,
  2: (a, b) => byName(b, a),
  3: byImportance,
  4: (a, b) => (a.since ?? 0) - (b.since ?? 0),
  5: (a, b) => (b.since ?? 0) - (a.since ?? 0),
};
