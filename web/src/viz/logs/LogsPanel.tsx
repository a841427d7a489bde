import { ActionIcon } from "@mantine/core";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";
import { useMemo, useState } from "react";

import { KeyValue, type Pair } from "../../components/KeyValue";
import { LogList } from "../../components/logs/LogList";
import { bool } from "../../lib/dashboard/json";
import { traceOf, type LogLine } from "../../lib/logLines";
import { formatNano } from "../../lib/timeFormat";
import { ValueLink } from "../FieldLinks";
import { useLook } from "../look";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import { readLogLines } from "./lines";
import classes from "./logs.module.css";

const noTerms: readonly RegExp[] = [];

/** Log lines; one that is chosen shows its fields below. */
export function LogsPanel({ frames, options, timeZone }: PanelProps) {
  const { zone } = useLook(timeZone);
  const lines = useMemo(() => readLogLines(frames, options), [frames, options]);
  const [open, setOpen] = useState("");
  if (lines.length === 0) return <NoData>No lines</NoData>;
  const chosen = lines.find((line) => line.id === open);
  return (
    <div className={classes.panel}>
      <div className={classes.list}>
        <LogList
          lines={lines}
          terms={noTerms}
          wrap={bool(options.wrapLogMessage)}
          times={options.showTime !== false}
          zone={zone}
          active={open}
          open={open}
          onOpen={(line) => setOpen(options.enableLogDetails === false || line.id === open ? "" : line.id)}
        />
      </div>
      {chosen && <Detail line={chosen} zone={zone} onClose={() => setOpen("")} />}
    </div>
  );
}

function Detail({ line, zone, onClose }: { line: LogLine; zone: string; onClose(): void }) {
  const trace = traceOf(line);
  const pairs: Pair[] = [
    { key: "time", value: formatNano(line.ts, zone) },
    ...Object.entries({ ...line.labels, ...line.parsed })
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([key, value]): Pair => ({
        key,
        value: value.toLowerCase() === trace?.traceId ? <ValueLink link={{ title: value, href: `/trace/${trace.traceId}`, local: true, newTab: false }} /> : value,
      })),
  ];
  return (
    <aside className={classes.detail} aria-label="Fields of the line">
      <ActionIcon className={classes.close} size="sm" aria-label="Close" onClick={onClose}>
        <IconX size={14} />
      </ActionIcon>
      <KeyValue pairs={pairs} />
    </aside>
  );
}
