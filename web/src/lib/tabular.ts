import { csvLine } from "./dashboard/csv";

/** What a chart or a table shows, in rows. */
export interface Tabular {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly (string | number | null)[])[];
}

/** Series over time with one column each, and a row for every time that one of them has; `times` are Unix seconds. */
export function ofSeries(title: string, series: readonly { name: string; times: ArrayLike<number>; values: ArrayLike<number | null> }[]): Tabular {
  const rows = new Map<number, (string | number | null)[]>();
  series.forEach(({ times, values }, column) => {
    for (let index = 0; index < times.length; index++) {
      const seconds = times[index] ?? 0;
      const row = rows.get(seconds) ?? [new Date(seconds * 1000).toISOString(), ...Array<null>(series.length).fill(null)];
      row[column + 1] = values[index] ?? null;
      rows.set(seconds, row);
    }
  });
  return { title, columns: ["time", ...series.map(({ name }) => name)], rows: [...rows].toSorted(([a], [b]) => a - b).map(([, row]) => row) };
}

/** Comma-separated values (RFC 4180). Several parts follow each other under their titles, with an empty line between. */
export function tabularCSV(parts: readonly Tabular[]): string {
  const text = ({ title, columns, rows }: Tabular): string =>
    [...(parts.length > 1 ? [[title]] : []), columns, ...rows].map((cells) => `${csvLine(cells.map((cell) => (cell === null ? "" : String(cell))))}\r\n`).join("");
  return parts.map(text).join("\r\n");
}

/** Each part as a list of objects, with the address that shows the same. */
export function tabularJSON(parts: readonly Tabular[], link: string): string {
  const objects = ({ columns, rows }: Tabular) => rows.map((cells) => Object.fromEntries(cells.map((cell, index) => [columns[index] ?? "", cell])));
  return `${JSON.stringify({ link, parts: parts.map((part) => ({ title: part.title, rows: objects(part) })) }, null, 2)}\n`;
}
