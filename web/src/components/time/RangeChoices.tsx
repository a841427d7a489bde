import { lazy, Suspense } from "react";

import { absolute, presets, resolveRange, type RawRange } from "../../lib/time";
import { rangeLabel } from "../../lib/timeText";
import { Calendar } from "./Calendar";
import type { TimeState } from "./TimeContext";
import classes from "./TimePicker.module.css";

// A list that is searched is more code than all the rest of this.
const ZoneSelect = lazy(() => import("./ZoneSelect").then((loaded) => ({ default: loaded.ZoneSelect })));

interface RangeChoicesProps {
  time: TimeState;
  tz: string;
  onTz: (tz: string) => void;
  /** Chosen last, as "from to". */
  recent: readonly string[];
  onChoose: (range: RawRange) => void;
}

/** What a range can be without typing it: presets, days, the ranges chosen last; and in which zone it is read. */
export function RangeChoices({ time, tz, onTz, recent, onChoose }: RangeChoicesProps) {
  return (
    <>
      <div className={classes.presets}>
        {presets.map((preset) => (
          <button type="button" key={preset.from} className={classes.preset} aria-pressed={preset.from === time.raw.from && time.raw.to === "now"} onClick={() => onChoose({ from: preset.from, to: "now" })}>
            {preset.label}
          </button>
        ))}
      </div>
      <Calendar range={time.range} zone={time.zone} onPick={(range) => onChoose(absolute(range))} />
      {recent.length > 0 && <RecentRanges recent={recent} zone={time.zone} onPick={onChoose} />}
      <div className={classes.hint}>
        Or type: <code>45m</code>, <code>yesterday</code>, <code>now-1d/d to now</code>, <code>2026-03-01 10:00 to 11:30</code>, an epoch.
      </div>
      <div className={classes.zone}>
        <Suspense fallback={null}>
          <ZoneSelect tz={tz} onTz={onTz} />
        </Suspense>
      </div>
    </>
  );
}

/** The ranges chosen last. */
function RecentRanges({ recent, zone, onPick }: { recent: readonly string[]; zone: string; onPick: (range: RawRange) => void }) {
  const ranges = recent.flatMap((text): RawRange[] => {
    const [from, to] = text.split(" ");
    return from && to && !presets.some((one) => one.from === from && to === "now") ? [{ from, to }] : [];
  });
  if (ranges.length === 0) return null;
  return (
    <section aria-label="Recent ranges" className={classes.recent}>
      {ranges.map((raw) => (
        <button type="button" key={`${raw.from} ${raw.to}`} className={classes.preset} onClick={() => onPick(raw)}>
          {rangeLabel(raw, resolveRange(raw, Date.now(), zone), zone)}
        </button>
      ))}
    </section>
  );
}
