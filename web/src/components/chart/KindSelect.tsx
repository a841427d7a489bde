import { Select } from "@mantine/core";

import type { ChartKind } from "./TimeSeries";

const labels: Readonly<Record<ChartKind, string>> = { lines: "Lines", area: "Area", stacked: "Stacked area", bars: "Bars", stackedBars: "Stacked bars" };

/** Ways to draw series over time, as links name them. */
export const chartKinds: readonly ChartKind[] = ["lines", "area", "stacked", "bars", "stackedBars"];

const data = chartKinds.map((value) => ({ value, label: labels[value] }));

/** Chooses how series are drawn. */
export function KindSelect({ size, value, onChange }: { size?: "xs"; value: ChartKind; onChange: (kind: ChartKind) => void }) {
  return <Select {...(size && { size })} w={116} aria-label="Chart" data={data} value={value} allowDeselect={false} onChange={(kind) => onChange(kind ?? "lines")} />;
}
