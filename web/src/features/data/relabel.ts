/** A relabelling rule that takes a label off a metric's series. */
export function dropLabel(metric: string, label: string): string {
  // labeldrop would take it off every metric; an empty label is none.
  return `- source_labels: [__name__]\n  regex: ${JSON.stringify(escape(metric))}\n  target_label: ${JSON.stringify(label)}\n  replacement: ""\n`;
}

/** A relabelling rule that drops a metric. */
export function dropMetric(metric: string): string {
  return `- source_labels: [__name__]\n  regex: ${JSON.stringify(escape(metric))}\n  action: drop\n`;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
