import { ActionIcon, NativeSelect, Popover, TextInput, Tooltip } from "@mantine/core";
import IconChevronLeft from "@tabler/icons-react/dist/esm/icons/IconChevronLeft.mjs";
import IconChevronRight from "@tabler/icons-react/dist/esm/icons/IconChevronRight.mjs";
import IconRefresh from "@tabler/icons-react/dist/esm/icons/IconRefresh.mjs";
import IconZoomOut from "@tabler/icons-react/dist/esm/icons/IconZoomOut.mjs";
import { lazy, Suspense, useState } from "react";

import { refreshChoices } from "../../lib/refresh";
import { presets, shift, zoomOut, type RawRange } from "../../lib/time";
import { parseRangeText, rangeLabel } from "../../lib/timeText";
import { useStoredList } from "../useStoredList";
import type { TimeState } from "./TimeContext";
import classes from "./TimePicker.module.css";

// Most pages are read without it.
const RangeChoices = lazy(async () => ({ default: (await import("./RangeChoices")).RangeChoices }));

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
    if (range.to !== "now" || !presets.some(({ from }) => from === range.from)) remember(`${range.from} ${range.to}`);
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
        <Suspense fallback={<div className={classes.choicesPending} />}>
          <RangeChoices time={time} tz={tz} onTz={onTz} recent={recent} onChoose={choose} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
