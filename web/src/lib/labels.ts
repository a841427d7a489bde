/** Labels of a series; the metric's name is `__name__`. */
export type Labels = Readonly<Record<string, string>>;

/** Labels as PromQL writes them: `up{job="api"}`; names that are no identifiers in quotes, that of a metric inside the braces. */
export function formatLabels(labels: Labels): string {
  const { __name__: name = "", ...rest } = labels;
  const plain = name === "" || /^[a-zA-Z_:][\w:]*$/.test(name);
  const pairs = Object.keys(rest)
    .toSorted()
    .map((key) => `${/^[a-zA-Z_]\w*$/.test(key) ? key : JSON.stringify(key)}=${JSON.stringify(rest[key])}`);
  if (!plain) pairs.unshift(JSON.stringify(name));
  return pairs.length === 0 ? name : `${plain ? name : ""}{${pairs.join(", ")}}`;
}

/**
 * Short names that tell the series of one answer apart: labels that all share are left out, and a lone label that
 * differs stands as its bare value. A lone series keeps its full name, or is its
 * only label's value; one without labels is called `fallback`.
 */
export function seriesNames(all: readonly Labels[], fallback: string): string[] {
  const [first] = all;
  if (!first) return [];
  if (all.length === 1) {
    const values = Object.values(first);
    return [values.length === 1 ? (values[0] ?? fallback) : formatLabels(first) || fallback];
  }
  const keys = new Set(all.flatMap((labels) => Object.keys(labels)));
  const differing = [...keys].filter((key) => all.some((labels) => labels[key] !== first[key]));
  const [only] = differing;
  return all.map((labels) => {
    if (differing.length === 1 && only) return labels[only] || fallback;
    const kept = Object.fromEntries(differing.flatMap((key) => (labels[key] === undefined ? [] : [[key, labels[key]]])));
    return formatLabels(kept) || fallback;
  });
}
