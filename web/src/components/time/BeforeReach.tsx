import { boot } from "../../lib/boot";
import { formatTime } from "../../lib/timeFormat";
import { Notice } from "../Notice";
import { useTime } from "./TimeContext";

// Events go by whole days.
const day = 86_400_000;

/** Says so where the range begins before what is kept of a signal. */
export function BeforeReach({ signal }: { signal: "metrics" | "logs" | "spans" }) {
  const { range, zone, zoomTo } = useTime();
  const reach = boot.reach[signal];
  if (reach === undefined) return null;
  const oldest = Date.now() - reach;
  if (range.from >= oldest - day) return null;
  const noun = signal === "spans" ? "traces" : signal;
  return (
    <Notice {...(range.to > oldest && { action: { label: "Show from there on", run: () => zoomTo({ from: oldest, to: range.to }) } })}>
      The range begins before what is kept of {noun}: from {formatTime(oldest, zone)} on.
    </Notice>
  );
}
