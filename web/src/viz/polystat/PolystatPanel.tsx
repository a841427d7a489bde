import { useMemo } from "react";

import type { PanelProps } from "../panel";
import { StatPanel } from "../stat/StatPanel";
import { operatorOf, withGlobals } from "./settings";

/** The Polystat plugin's hexagons as tiles: one value of each series on the colour of its threshold. */
export function PolystatPanel(props: PanelProps) {
  const { frames, options } = props;
  const drawn = useMemo(() => withGlobals(frames, options), [frames, options]);
  const settings = useMemo(() => ({ reduceOptions: { calcs: [operatorOf(options)] }, colorMode: "background_solid", graphMode: "none", textMode: "value_and_name", justifyMode: "center", wideLayout: false }), [options]);
  return <StatPanel {...props} frames={drawn} options={settings} />;
}
