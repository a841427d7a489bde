import { ActionIcon, NativeSelect, Popover, TextInput, Tooltip } from "@mantine/core";
import IconChevronLeft from "@tabler/icons-react/dist/esm/icons/IconChevronLeft.mjs";
import IconChevronRight from "@tabler/icons-react/dist/esm/icons/IconChevronRight.mjs";
import IconRefresh from "@tabler/icons-react/dist/esm/icons/IconRefresh.mjs";
import IconZoomOut from "@tabler/icons-react/dist/esm/icons/IconZoomOut.mjs";
import { lazy, Suspense, useState } from "react";

import { refreshChoices } from "../../lib/refresh";
import { absolute, presets, resolveRange, shift, zoomOut, type RawRange } from "../../lib/time";
import { parseRangeText, rangeLabel } from "../../lib/timeText";
import { useStoredList } from "../useStoredList";
import { Calendar } from "./Calendar";
import type { TimeState } from "./TimeContext";
import classes from "./TimePicker.module.css";

// A list that is searched is more code than all the rest of this.
const ZoneSelect = lazy(() => import("./ZoneSelect").then((loaded) => ({ default: loaded.ZoneSelect })));

interface TimePickerProps {
  time: TimeState;
  /** As the URL has it: "browser", "utc" or an IANA name. */
  tz: string;
  onTz: (tz: string) => void;
  refresh: string;
  onRefresh: (refresh: string) => void;
  /** True while any query of the page runs. */
  fetching: boolean;
}

/** The page's time range: a field that reads what people type, presets, shifting, zoom, refresh, zone. */
export function TimePicker({ time, tz, onTz, refresh, onRefresh, fetching }: TimePickerProps) {
  return (
    <div className={classes.picker} role="group" aria-label="Time range">
      <Tooltip label="Half a range back (t ←)">
        <ActionIcon aria-label="Half a range back" onClick={() => time.zoomTo(shift(time.range, -1))}>
          <IconChevronLeft size={16} />
        </ActionIcon>
      </Tooltip>
      <RangeField time={time} tz={tz} onTz={onTz} />
      <Tooltip label="Half a range forward (t →)">
        <ActionIcon aria-label="Half a range forward" onClick={() => time.zoomTo(shift(time.range, 1))}>
          <IconChevronRight size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Zoom out (t z)">
        <ActionIcon aria-label="Zoom out" onClick={() => time.zoomTo(zoomOut(time.range, Date.now()))}>
          <IconZoomOut size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Refresh (r)">
        <ActionIcon aria-label="Refresh" onClick={time.refresh} data-fetching={fetching || undefined} className={classes.refresh}>
          <IconRefresh size={16} />
        </ActionIcon>
      </Tooltip>
      {time.held && (
        <Tooltip label={time.held}>
          <span className={classes.held} role="note" aria-label={time.held}>
            {time.held.split(":")[0]}
          </span>
        </Tooltip>
      )}
      <NativeSelect
        size="xs"
        aria-label="Refresh every"
        className={classes.every}
        data={refreshChoices.map((value) => ({ value, label: value === "off" ? "Off" : value }))}
        value={refresh}
        onChange={(event) => onRefresh(event.currentTarget.value)}
      />
    </div>
  );
}

function RangeField({ time, tz, onTz }: Pick<TimePickerProps, "time" | "tz" | "onTz">) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [recent, remember] = useStoredList("oriel.ranges", 6);
  const label = rangeLabel(time.raw, time.range, time.zone);

  const close = (): void => {
    setOpen(false);
    setText(null);
    setError(null);
  };
  const apply = (): void => {
    if (text === null) return close();
    const parsed = parseRangeText(text, Date.now(), time.zone);
    if (parsed.error !== undefined) return setError(parsed.error);
    choose(parsed.range);
  };
  const choose = (range: RawRange): void => {
    time.setRange(range);
    remember(`${range.from} ${range.to}`);
    close();
  };

  return (
    <Popover opened={open} onChange={(next) => !next && close()} position="bottom-start" width={460} withRoles={false} transitionProps={{ duration: 0 }}>
      <Popover.Target>
        <TextInput
          data-time-field
          aria-label="Time range"
          className={classes.field}
          value={text ?? label}
          error={error !== null}
          onFocus={(event) => {
            setOpen(true);
            event.currentTarget.select();
          }}
          onClick={() => setOpen(true)}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setError(null);
            setOpen(true);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") apply();
            if (event.key === "Escape") {
              close();
              event.currentTarget.blur();
            }
          }}
        />
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown}>
        {error !== null && (
          <div role="alert" className={classes.error}>
            {error}
          </div>
        )}
        <div className={classes.presets}>
          {presets.map((preset) => (
            <button
              type="button"
              key={preset.from}
              className={classes.preset}
              aria-pressed={preset.from === time.raw.from && time.raw.to === "now"}
              onClick={() => {
                time.setRange({ from: preset.from, to: "now" });
                close();
              }}
            >
              {preset.label}
            </button>
          ))}
        </div>
        <Calendar range={time.range} zone={time.zone} onPick={(range) => choose(absolute(range))} />
        {recent.length > 0 && <RecentRanges recent={recent} zone={time.zone} onPick={choose} />}
        <div className={classes.hint}>
          Or type: <code>45m</code>, <code>yesterday</code>, <code>now-1d/d to now</code>, <code>2026-03-01 10:00 to 11:30</code>, an epoch.
        </div>
        <div className={classes.zone}>
          <Suspense fallback={null}>
            <ZoneSelect tz={tz} onTz={onTz} />
          </Suspense>
        </div>
      </Popover.Dropdown>
    </Popover>
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
