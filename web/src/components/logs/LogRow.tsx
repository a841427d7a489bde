import type { Ref } from "react";

import { levelToken } from "../../lib/colour";
import { fieldOf } from "../../lib/logFields";
import { levelOf, type LogLine } from "../../lib/logLines";
import { clockOf, formatTime, nanoToMs } from "../../lib/timeFormat";
import { LogText } from "./LogText";
import classes from "./LogList.module.css";

/** What all rows of a list show in the same way. */
export interface RowLook {
  /** Fields in columns of their own, before the text. */
  columns: readonly string[];
  terms: readonly RegExp[];
  wrap: boolean;
  times: boolean;
  /** IANA name of the zone of the timestamps. */
  zone: string;
  /** The lines are of several days, which their times have to tell. */
  days: boolean;
  /** The lines are of several services. */
  services: boolean;
}

interface LogRowProps {
  ref: Ref<HTMLDivElement> | undefined;
  line: LogLine;
  index: number;
  /** Below the list's start, in pixels; below the row before without it. */
  top: number | undefined;
  /** In pixels; what its text takes without it. */
  height: number | undefined;
  /** How many lines it stands for. */
  count: number;
  look: RowLook;
  active: boolean;
  open: boolean;
  onOpen(line: LogLine): void;
}

/** A line with its severity, its time and the fields that have columns. */
export function LogRow({ ref, line, index, top, height, count, look, active, open, onOpen }: LogRowProps) {
  const { columns, terms, wrap, times, zone, days, services } = look;
  const level = levelOf(line);
  const ms = nanoToMs(line.ts);
  return (
    // The page's useListKeys moves and opens.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={rowId(line.id)}
      ref={ref}
      data-index={index}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={open}
      className={classes.row}
      data-active={active || undefined}
      style={top === undefined ? { position: "static", height } : { transform: `translateY(${top}px)`, height }}
      onClick={() => {
        // Selecting text to copy is not opening.
        if (window.getSelection()?.isCollapsed ?? true) onOpen(line);
      }}
    >
      <span role="gridcell" className={classes.level} style={{ background: levelToken(level) }} data-level={level} title={level}>
        <span className={classes.spoken}>{level}</span>
      </span>
      {times && (
        <span role="gridcell" className={classes.time}>
          <time dateTime={new Date(ms).toISOString()} title={formatTime(ms, zone, true)}>
            {days ? formatTime(ms, zone, true).slice(5) : clockOf(ms, zone, true)}
          </time>
        </span>
      )}
      {services && (
        <span role="gridcell" className={classes.service} title={line.labels["service_name"]}>
          {line.labels["service_name"]}
        </span>
      )}
      {columns.map((name) => (
        <span key={name} role="gridcell" className={classes.column} title={`${name}: ${fieldOf(line, name)}`}>
          {fieldOf(line, name)}
        </span>
      ))}
      {count > 1 && (
        <span role="gridcell" className={classes.count} title={`${count} lines in a row are the same`}>
          ×{count}
        </span>
      )}
      <span role="gridcell" className={classes.text}>
        <LogText text={line.line} terms={terms} single={!wrap} />
      </span>
    </div>
  );
}

/** The id of a line's row in the document. */
export function rowId(lineId: string): string {
  return `line-${lineId}`;
}
