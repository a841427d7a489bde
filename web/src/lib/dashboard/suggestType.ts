import type { Frame } from "./frame";

/** Types of panels that suit an answer, the best first; none while there is no answer. */
export function suggestTypes(frames: readonly Frame[]): string[] {
  const full = frames.filter((frame) => frame.fields.some((field) => field.values.length > 0));
  const of = (type: NonNullable<Frame["meta"]>["type"]): boolean => full.some((frame) => frame.meta?.type === type);
  if (full.length === 0) return [];
  if (of("logs")) return ["logs", "table"];
  if (of("trace")) return ["traces", "table"];
  if (of("nodes") || of("edges")) return ["nodeGraph", "table"];
  if (of("heatmap")) return ["heatmap", "timeseries"];
  const fields = full.flatMap((frame) => frame.fields);
  const has = (type: string): boolean => fields.some((field) => field.type === type);
  const longest = Math.max(...fields.map((field) => field.values.length));
  if (has("time") && longest > 1) {
    if (!has("number")) return has("string") || has("bool") ? ["state-timeline", "table"] : ["table"];
    const series = fields.filter((field) => field.type === "number").length;
    return series === 1 ? ["timeseries", "stat", "gauge"] : ["timeseries", "stat", "table"];
  }
  if (!has("number")) return ["table"];
  const numbers = fields.filter((field) => field.type === "number").length;
  if (longest === 1 && numbers === 1) return ["stat", "gauge", "table"];
  return ["table", "bargauge", "barchart", "piechart"];
}
