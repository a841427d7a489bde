import { Select } from "@mantine/core";
import { useMemo, useState } from "react";

import { Table, type TableColumn } from "../../../components/Table";
import { Empty } from "../../../components/status";
import { useTime } from "../../../components/time/TimeContext";
import { fieldName } from "../../../lib/dashboard/fieldname";
import type { Cell, Frame } from "../../../lib/dashboard/frame";
import { formatTime } from "../../../lib/timeFormat";

/** A frame's cells as they came, one frame at a time. */
export function FrameTable({ frames, label, height }: { frames: readonly Frame[]; label: string; height: number }) {
  const [at, setAt] = useState(0);
  const { zone } = useTime();
  const frame = frames[Math.min(at, frames.length - 1)];
  const columns = useMemo(
    () =>
      (frame?.fields ?? []).map((field, index): TableColumn<number> => ({
        key: String(index),
        header: frame ? fieldName(field, frame, frames) : "",
        width: "minmax(120px, 1fr)",
        ...(field.type === "number" ? { align: "right" as const } : {}),
        cell: (row) => cellText(field.values[row] ?? null, field.type === "time" ? zone : undefined),
        sort: (row) => sortValue(field.values[row] ?? null),
      })),
    [frame, frames, zone],
  );
  if (!frame || frame.fields.length === 0) return <Empty title="No data" height={Math.max(80, height)} />;
  const rows = Array.from({ length: frame.fields[0]?.values.length ?? 0 }, (_, index) => index);
  return (
    <>
      {frames.length > 1 && (
        <Select
          aria-label="Series"
          mb={8}
          w={360}
          searchable
          data={frames.map((one, index) => ({ value: String(index), label: `${one.refId || "–"}: ${frameLabel(one, frames) || `series ${index + 1}`}` }))}
          value={String(Math.min(at, frames.length - 1))}
          onChange={(value) => setAt(Number(value ?? 0))}
        />
      )}
      <Table label={label} columns={columns} rows={rows} rowKey={(row) => String(row)} maxHeight={Math.max(80, frames.length > 1 ? height - 40 : height)} rowHeight={24} />
    </>
  );
}

function frameLabel(frame: Frame, frames: readonly Frame[]): string {
  if (frame.name !== "") return frame.name;
  const value = frame.fields.find((field) => field.type === "number");
  return value ? fieldName(value, frame, frames) : "";
}

/** A cell as text, nothing rounded. */
export function cellText(cell: Cell, zone?: string): string {
  if (cell === null) return "";
  if (zone !== undefined && typeof cell === "number") return formatTime(cell, zone, true);
  return typeof cell === "object" ? JSON.stringify(cell, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value)) : String(cell);
}

function sortValue(cell: Cell): string | number | null {
  return typeof cell === "number" || typeof cell === "string" ? cell : cell === null ? null : String(cell);
}
