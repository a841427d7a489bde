import type { Block } from "../../api/prom";
import { formatTime } from "../../lib/timeFormat";
import { formatValue, group } from "../../lib/units";
import type { SignalStorage } from "./storage";
import classes from "./data.module.css";

interface BlockTimelineProps {
  signals: readonly SignalStorage[];
  blocks: readonly Block[];
  now: number;
  zone: string;
}

/** Which times are covered: blocks of metrics by level, and the parts of the other signals together. */
export function BlockTimeline({ signals, blocks, now, zone }: BlockTimelineProps) {
  const from = Math.min(...signals.map((one) => one.oldest).filter((ms) => !Number.isNaN(ms)), now - 3_600_000);
  const at = (ms: number): number => Math.min(Math.max((ms - from) / (now - from), 0), 1) * 100;
  const rows = signals.map((one) => ({
    name: one.signal,
    stretches:
      one.signal === "metrics"
        ? [
            ...blocks.map((block) => ({ key: block.id, from: block.from, to: block.to, level: block.level, title: `level ${block.level}: ${group(block.samples)} samples of ${group(block.series)} series` })),
            { key: "head", from: blocks.at(-1)?.to ?? one.oldest, to: now, level: 0, title: "head, in memory and its log" },
          ]
        : [{ key: "all", from: one.oldest, to: one.newest, level: 1, title: `${one.made}, ${formatValue(one.bytes, "bytes")}` }],
  }));
  return (
    <div className={classes.timeline}>
      {rows.map((row) => (
        <div key={row.name} className={classes.lane}>
          <span>{row.name}</span>
          <div className={classes.track} role="img" aria-label={`${row.name}: ${row.stretches.length} stretches from ${formatTime(row.stretches[0]?.from ?? now, zone)}`}>
            {row.stretches
              .filter((one) => !Number.isNaN(one.from))
              .map((one) => (
                <span
                  key={one.key}
                  className={classes.stretch}
                  data-level={Math.min(one.level, 4)}
                  style={{ left: `${at(one.from)}%`, width: `${Math.max(at(one.to) - at(one.from), 0.3)}%` }}
                  title={`${formatTime(one.from, zone)} to ${formatTime(one.to, zone)}, ${one.title}`}
                />
              ))}
          </div>
        </div>
      ))}
      <div className={classes.axis} aria-hidden="true">
        <span>{formatTime(from, zone)}</span>
        <span>now</span>
      </div>
    </div>
  );
}
