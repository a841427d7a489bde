import { useMemo } from "react";

import { num } from "../../lib/dashboard/json";
import { useLook } from "../look";
import type { PanelProps } from "../panel";
import { stateRows } from "./stateRows";
import { StatesChart } from "./StatesChart";

/** Values at regular steps, each a cell of its own. */
export function StatusHistoryPanel(props: PanelProps) {
  const { frames, options, range } = props;
  const look = useLook(props.timeZone);
  const rows = useMemo(() => stateRows(frames, look, { merge: false, steps: true, until: range.to }), [frames, look, range.to]);
  return <StatesChart {...props} rows={rows} look={look} what="Status over time" cellWidth={Math.min(num(options.colWidth) ?? 0.9, 1)} />;
}
