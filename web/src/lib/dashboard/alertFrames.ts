import type { Frame } from "./frame";

/** An alert as the rules API has it. */
interface Alert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: string;
  activeAt?: string | undefined;
  value: string;
}

/** Active alerts as a table. */
export function alertFrame(alerts: readonly Alert[], refId: string): Frame {
  const text = (name: string, values: string[]) => ({ name, type: "string" as const, values, config: {} });
  return {
    refId,
    name: "alerts",
    fields: [
      { name: "Time", type: "time", values: alerts.map((one) => (one.activeAt ? Date.parse(one.activeAt) : null)), config: {} },
      text("alertname", alerts.map((one) => one.labels.alertname ?? "")),
      text("state", alerts.map((one) => one.state)),
      text("severity", alerts.map((one) => one.labels.severity ?? "")),
      { name: "labels", type: "json", values: alerts.map((one) => one.labels), config: {} },
      { name: "annotations", type: "json", values: alerts.map((one) => one.annotations), config: {} },
      text("value", alerts.map((one) => one.value)),
    ],
    meta: { type: "table" },
  };
}
