import { useMemo } from "react";

import { useLook } from "../look";
import type { PanelProps } from "../panel";
import { stateRows } from "./stateRows";
import { StatesChart } from "./StatesChart";

/** States over time: each value holds until the next. */
export function StateTimelinePanel(props: PanelProps) {
  const { frames, options, range } = props;
  const look = useLook(props.timeZone);
  const merge = options.mergeValues !== false;
  const rows = useMemo(() => stateRows(frames, look, { merge, steps: false, until: range.to }), [frames, look, merge, range.to]);
  return <StatesChart {...props} rows={rows} look={look} what="States over time" cellWidth={1} />;
}
