
import { useSize } from "../../../components/useSize";
import type { PlacedPanel } from "../../../lib/dashboard/repeat";
import { PanelBox } from "./PanelBox";

/** One panel in the place of all. */
export function SinglePanel({ placed }: { placed: PlacedPanel }) {
  const { ref, width, height } = useSize();
  return (
    <div ref={ref} style={{ flex: 1, minHeight: 320, position: "relative" }}>
      <div style={{ position: "absolute", inset: 0 }}>{width > 0 && <PanelBox placed={placed} width={Math.floor(width)} height={Math.floor(Math.max(height, 320))} />}</div>
    </div>
  );
}
