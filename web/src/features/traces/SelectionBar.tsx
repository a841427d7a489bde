import { Button } from "@mantine/core";

import { useTime } from "../../components/time/TimeContext";
import { formatTime } from "../../lib/timeFormat";
import { boxConditions, narrowed, type TraceBox } from "../../lib/traceBox";
import { formatNanoSpan } from "../../lib/units";
import classes from "./traces.module.css";

interface SelectionBarProps {
  query: string;
  box: TraceBox;
  onClear(): void;
  onRun(query: string): void;
}

/** What is selected on the chart, and what can be done with it. */
export function SelectionBar({ query, box, onClear, onRun }: SelectionBarProps) {
  const { zone, zoomTo } = useTime();
  const conditions = boxConditions(box);
  return (
    <section className={classes.selection} aria-label="Selection">
      <span>
        Selected: {box.of === "trace" ? "traces" : "spans"} from {formatTime(box.from, zone)} to {formatTime(box.to, zone)}
        {lengths(box)}
      </span>
      <Button size="compact-xs" variant="default" onClick={() => zoomTo({ from: box.from, to: box.to })}>
        Zoom to its time
      </Button>
      {conditions.length > 0 && (
        <Button size="compact-xs" variant="default" onClick={() => onRun(narrowed(query, conditions))}>
          Put its durations into the query
        </Button>
      )}
      <Button size="compact-xs" variant="default" onClick={onClear}>
        Clear
      </Button>
    </section>
  );
}

function lengths({ low, high }: TraceBox): string {
  if (low > 0 && Number.isFinite(high)) return `, ${formatNanoSpan(low)} to ${formatNanoSpan(high)}`;
  if (low > 0) return `, ${formatNanoSpan(low)} or longer`;
  return Number.isFinite(high) ? `, less than ${formatNanoSpan(high)}` : "";
}
