import * as z from "zod/mini";

import type { Block } from "../../api/prom";
import { counted } from "../../lib/units";

/** What one signal takes. Times are Unix milliseconds, NaN where there is nothing. */
export interface SignalStorage {
  signal: string;
  /** On disk, logs of what is not in files yet included. */
  bytes: number;
  /** Rows, or series of metrics. */
  rows: number;
  bytesPerRow: number | undefined;
  /** What the bytes are made of, in words. */
  made: string;
  oldest: number;
  newest: number;
  /** In words; "" where that is not told. */
  retention: string;
  /** Damaged files. */
  quarantined: number;
  /** Why writes are refused; "" if they are not. */
  readOnly: string;
}

const event = z.object({
  signal: z.string(),
  parts: z.number(),
  part_rows: z.number(),
  part_bytes: z.number(),
  head_rows: z.number(),
  wal_bytes: z.number(),
  oldest: z.string(),
  newest: z.string(),
  quarantined: z.catch(z.number(), 0),
  read_only: z.catch(z.string(), ""),
});

const storage = z.looseObject({
  event: z.catch(z.array(event), []),
  metric: z.catch(
    z.looseObject({
      series: z.number(),
      block_bytes: z.catch(z.number(), 0),
      head_disk_bytes: z.catch(z.number(), 0),
      oldest: z.catch(z.string(), ""),
      downsampled: z.catch(z.array(z.looseObject({ resolution: z.string(), blocks: z.number(), bytes: z.number() })), []),
    }),
    { series: 0, block_bytes: 0, head_disk_bytes: 0, oldest: "", downsampled: [] },
  ),
  retention: z.catch(z.record(z.string(), z.string()), {}),
  free_bytes: z.catch(z.optional(z.number()), undefined),
});

/** Reads the section "storage" of the server's status. */
export function storageOf(sections: readonly (readonly [string, unknown])[], blocks: readonly Block[]): { signals: SignalStorage[]; free: number | undefined } {
  const parsed = storage.safeParse(sections.find(([name]) => name === "storage")?.[1] ?? {});
  if (!parsed.success) return { signals: [], free: undefined };
  const { event: events, metric, retention, free_bytes: free } = parsed.data;
  const tiers = metric.downsampled.filter((one) => one.blocks > 0);
  const coarse = tiers.reduce((sum, one) => sum + one.bytes, 0);
  const samples = blocks.reduce((sum, one) => sum + one.samples, 0);
  const metrics: SignalStorage = {
    signal: "metrics",
    bytes: metric.block_bytes + metric.head_disk_bytes + coarse,
    rows: metric.series,
    bytesPerRow: samples > 0 ? metric.block_bytes / samples : undefined,
    made: [`${blocks.length} blocks`, "head", ...tiers.map((one) => `${one.blocks} of ${one.resolution}`)].join(", "),
    oldest: Number.isNaN(timeOf(metric.oldest)) ? (blocks[0]?.from ?? NaN) : timeOf(metric.oldest),
    newest: metric.series > 0 ? Date.now() : NaN,
    retention: keptFor(retention.metrics ?? ""),
    quarantined: 0,
    readOnly: "",
  };
  const others = events.map(
    (one): SignalStorage => ({
      signal: one.signal,
      bytes: one.part_bytes + one.wal_bytes,
      rows: one.part_rows + one.head_rows,
      bytesPerRow: one.part_rows > 0 ? one.part_bytes / one.part_rows : undefined,
      made: `${counted(one.parts, "part")}, log of ${counted(one.head_rows, "row")}`,
      oldest: timeOf(one.oldest),
      newest: timeOf(one.newest),
      retention: keptFor(retention[one.signal] ?? ""),
      quarantined: one.quarantined,
      readOnly: one.read_only,
    }),
  );
  return { signals: [metrics, ...others], free };
}

/** A retention in words. */
export function keptFor(period: string): string {
  return /^0s?$/.test(period) ? "ever" : period;
}

// Go's zero time stands for "none".
function timeOf(text: string): number {
  const ms = Date.parse(text);
  return ms > 0 ? ms : NaN;
}

const day = 86_400_000;

/** Days until the disk is full if data goes on coming as since the oldest; undefined while that is less than an hour. */
export function daysLeft(signals: readonly SignalStorage[], free: number | undefined, now: number): number | undefined {
  const known = signals.filter((one) => now - one.oldest > 3_600_000);
  const perDay = known.reduce((sum, one) => sum + one.bytes / ((now - one.oldest) / day), 0);
  return free === undefined || perDay <= 0 ? undefined : free / perDay;
}
