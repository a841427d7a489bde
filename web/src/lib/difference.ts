/** A series of TraceQL's compare(): spans with a value of an attribute, in the selection or in the baseline. */
export interface Counted {
  labels: Readonly<Record<string, string>>;
  points: readonly (readonly [number, number])[];
}

/** A value of an attribute that is more frequent in a selection than in the rest; shares are 0 to 1. */
export interface Difference {
  attribute: string;
  value: string;
  selection: number;
  baseline: number;
}

/** What of compare()'s answer tells the selection from the baseline, the most telling first. */
export function differences(series: readonly Counted[], limit = 6): Difference[] {
  const counts = new Map<string, { attribute: string; value: string; selection: number; baseline: number }>();
  const totals = new Map<string, { selection: number; baseline: number }>();
  for (const { labels, points } of series) {
    const kind = labels[kindLabel];
    const [attribute, value] = Object.entries(labels).find(([key]) => !key.startsWith("__meta")) ?? [];
    if (attribute === undefined || value === undefined || tellsNothing(attribute)) continue;
    const sum = points.reduce((all, [, count]) => all + count, 0);
    if (kind === "selection" || kind === "baseline") {
      const key = JSON.stringify([attribute, value]);
      const count = counts.get(key) ?? { attribute, value, selection: 0, baseline: 0 };
      count[kind] += sum;
      counts.set(key, count);
    } else if (kind === "selection_total" || kind === "baseline_total") {
      const total = totals.get(attribute) ?? { selection: 0, baseline: 0 };
      total[kind === "selection_total" ? "selection" : "baseline"] += sum;
      totals.set(attribute, total);
    }
  }
  const shares = [...counts.values()].flatMap(({ attribute, value, selection, baseline }) => {
    const total = totals.get(attribute);
    if (!total || total.selection === 0) return [];
    return [{ attribute, value, selection: selection / total.selection, baseline: total.baseline === 0 ? 0 : baseline / total.baseline }];
  });
  return shares
    .filter((one) => one.value !== "" && one.selection - one.baseline > 0.05)
    .toSorted((a, b) => b.selection - b.baseline - (a.selection - a.baseline))
    .slice(0, limit);
}

const kindLabel = "__meta_type";

/** Whether an attribute differs without telling why: what failed says so itself, and ids differ always. */
export function tellsNothing(attribute: string): boolean {
  return ignored.test(attribute);
}

const ignored = /^(?:.*status_code|status|statusMessage|nestedSet.*|span:.*|trace:.*|rootName|rootServiceName|.*\.(?:id|trace_id|span_id))$/;
