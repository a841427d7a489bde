import type { Red } from "../../api/services";
import type { TableColumn } from "../../components/Table";
import { formatValue } from "../../lib/units";
import { FailedShare } from "./FailedShare";

/** Columns with the numbers that services, operations and calls between them share. */
export const redColumns: readonly TableColumn<Red>[] = [
  // One call in half an hour has six digits.
  { ...number("rate", "Calls", (row) => row.rate, "/s"), width: "minmax(84px, 1fr)" },
  { ...number("errors", "Failed", (row) => row.errorRatio, "percentunit"), cell: (row) => <FailedShare share={row.errorRatio} /> },
  number("p50", "p50", (row) => row.p50, "s"),
  number("p95", "p95", (row) => row.p95, "s"),
  number("p99", "p99", (row) => row.p99, "s"),
];

/** How satisfied callers are, 0 to 1. */
export const apdexColumn: TableColumn<Red> = {
  ...number("apdex", <abbr title="Share of calls within 500 ms, and half of those within 2 s">Apdex</abbr>, (row) => row.apdex, "none"),
  cell: (row) => formatValue(row.apdex, "none", 2),
};

/** Columns of a part that some rows lack. */
export function columnsOfPart<Row, Part>(columns: readonly TableColumn<Part>[], part: (row: Row) => Part | undefined): TableColumn<Row>[] {
  return columns.map(({ key, header, align, width, cell, sort }) => ({
    key,
    header,
    ...(align ? { align } : {}),
    ...(width ? { width } : {}),
    cell: (row) => {
      const found = part(row);
      return found === undefined ? "–" : cell(found);
    },
    ...(sort
      ? {
          sort: (row: Row) => {
            const found = part(row);
            return found === undefined ? null : sort(found);
          },
        }
      : {}),
  }));
}

function number(key: string, header: TableColumn<Red>["header"], value: (row: Red) => number | null, unit: string): TableColumn<Red> {
  return { key, header, align: "right", width: "minmax(64px, 1fr)", cell: (row) => formatValue(value(row), unit), sort: value };
}
