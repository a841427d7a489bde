import { Modal } from "@mantine/core";

import { formatTime } from "../../lib/timeFormat";
import { formatValue } from "../../lib/units";
import { Notice } from "../Notice";
import { Table, type TableColumn } from "../Table";
import { useFocusBack } from "../useFocusBack";
import type { Aligned } from "../../lib/align";

/** More columns than anybody reads; a thousand would not be drawn in time. */
const most = 50;

interface DataTableProps {
  label: string;
  aligned: Aligned;
  names: readonly string[];
  /** Of each series. */
  units: readonly string[];
  zone: string;
  onClose: () => void;
}

/** What a chart draws, in rows: a moment, and the value of each series. */
export function DataTable({ label, aligned, names, units, zone, onClose }: DataTableProps) {
  useFocusBack();
  const columns: TableColumn<number>[] = [
    { key: "time", header: "Time", width: "200px", cell: (row) => formatTime((aligned.times[row] ?? 0) * 1000, zone), sort: (row) => aligned.times[row] },
    ...names.slice(0, most).map((name, series): TableColumn<number> => ({
      key: `${series}`,
      header: name,
      align: "right",
      width: "minmax(120px, 1fr)",
      cell: (row) => formatValue(aligned.columns[series]?.[row] ?? null, units[series]),
      sort: (row) => aligned.columns[series]?.[row],
    })),
  ];
  return (
    <Modal opened onClose={onClose} size="xl" title={label} transitionProps={{ duration: 0 }}>
      {names.length > most && <Notice>The first {most} of {names.length} series. The Share menu saves all of them.</Notice>}
      <Table label={`Data of ${label}`} columns={columns} rows={aligned.times.map((_, row) => row)} rowKey={String} initialSort="-time" maxHeight={480} />
    </Modal>
  );
}
