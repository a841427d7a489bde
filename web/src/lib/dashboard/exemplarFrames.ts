import type { Frame } from "./frame";

/** Single observations as a frame: their time and value, and their labels beside each. */
export function exemplarFrame(exemplars: readonly { time: number; value: number; labels: Record<string, string> }[], refId: string): Frame {
  const names = [...new Set(exemplars.flatMap((one) => Object.keys(one.labels)))];
  return {
    refId,
    name: "exemplar",
    fields: [
      { name: "Time", type: "time", values: exemplars.map((one) => one.time), config: {} },
      { name: "Value", type: "number", values: exemplars.map((one) => one.value), config: {} },
      ...names.map((name) => ({
        name,
        type: "string" as const,
        values: exemplars.map((one) => one.labels[name] ?? ""),
        config: /^trace_?id$/i.test(name) ? { links: [{ title: "Open trace", url: "/trace/${__value.raw}" }] } : {},
      })),
    ],
    meta: { type: "exemplars" },
  };
}
