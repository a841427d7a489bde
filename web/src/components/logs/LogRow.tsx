import { useState, type Ref } from "react";

import { levelToken } from "../../lib/colour";
import { fieldOf } from "../../lib/logFields";
import { levelOf, type LogLine } from "../../lib/logLines";
import { clockOf, formatTime, nanoToMs } from "../../lib/timeFormat";
import { CellFilter, type OnCellFilter } from "./CellFilter";
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
  onFilter: OnCellFilter | undefined;
}

/** A line with its severity, its time and the fields that have columns. */
export function LogRow({ ref, line, index, top, height, count, look, active, open, onOpen, onFilter }: LogRowProps) {
  // Only the row in reach has buttons: there are many rows, and they come and go.
  const [pointed, setPointed] = useState(false);
  const filters = (pointed || active) && onFilter;
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
      onPointerEnter={() => setPointed(true)}
      onPointerLeave={() => setPointed(false)}
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
          {filters && line.labels["service_name"] && <CellFilter line={line} name="service_name" value={line.labels["service_name"]} onFilter={filters} />}
        </span>
      )}
      {columns.map((name) => {
        const value = fieldOf(line, name);
        return (
          <span key={name} role="gridcell" className={classes.column} title={`${name}: ${value}`}>
            {value}
            {filters && value !== "" && <CellFilter line={line} name={name} value={value} onFilter={filters} />}
          </span>
        );
      })}
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
