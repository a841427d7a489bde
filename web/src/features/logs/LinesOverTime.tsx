import { NativeSelect } from "@mantine/core";
import { useMemo } from "react";

import { Histogram } from "../../components/logs/Histogram";
import { summariseFields } from "../../lib/logFields";
import type { LogLine } from "../../lib/logLines";
import { statQuery } from "../../lib/logStats";
import type { TimeRange } from "../../lib/time";
import classes from "./logs.module.css";

interface LinesOverTimeProps {
  query: string;
  enabled: boolean;
  /** A sample, to know the fields. */
  lines: readonly LogLine[];
  /** The field that bars are coloured by; "" for the severity. */
  by: string;
  onBy: (by: string) => void;
  onPick: (endMs: number) => void;
  onSelect: (range: TimeRange) => void;
}

/** How many lines there are over time, by their severity or by a field that somebody chooses. */
export function LinesOverTime({ query, enabled, lines, by, onBy, onPick, onSelect }: LinesOverTimeProps) {
  const sample = lines.length === 0 ? undefined : lines[0]?.id;
  // The fields of a few lines are those of all, near enough.
  // oxlint-disable-next-line react/exhaustive-deps
  const fields = useMemo(() => summariseFields(lines.slice(0, 200)), [sample]);
  const names = [...new Set([...(by === "" ? [] : [by]), ...fields.map(({ name }) => name)])].filter((name) => /^[A-Za-z_]\w*$/.test(name) && name !== "detected_level");
  const groups = useMemo(() => {
    const counted = (window: string) => statQuery(query, { fn: "count", field: "", by }, fields, window);
    return by === "" || counted("1m") === undefined ? undefined : { by, query: (window: string) => counted(window) ?? "" };
  }, [query, by, fields]);
  return (
    <Histogram
      query={query}
      enabled={enabled}
      groups={groups}
      chooser={
        <NativeSelect className={classes.by} aria-label="Bars by" variant="unstyled" size="xs" value={by} onChange={(event) => onBy(event.currentTarget.value)}>
          <option value="">level</option>
          {names.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </NativeSelect>
      }
      onPick={onPick}
      onSelect={onSelect}
    />
  );
}
