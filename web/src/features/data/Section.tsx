import { KeyValue } from "../../components/KeyValue";
import { Panel } from "../../components/Panel";
import { Table } from "../../components/Table";
import { flatten, scalar, tables } from "./flatten";

/** A section of the server's status in its own words: lists of like things as tables, the rest as names and values. */
export function Section({ name, value }: { name: string; value: unknown }) {
  const pairs = flatten(value);
  return (
    <>
      {tables(value).map(({ path, rows, keys }) => (
        <Panel key={path} title={path === "" ? title(name) : `${title(name)}: ${path}`} flush>
          <Table<Readonly<Record<string, unknown>>>
            label={`${name} ${path}`}
            rows={rows}
            rowKey={(_, index) => String(index)}
            columns={keys.map((key) => ({
              key,
              header: key.replaceAll("_", " "),
              align: rows.some((row) => typeof row[key] === "number") ? ("right" as const) : ("left" as const),
              width: rows.some((row) => scalar(key, row[key]).length > 16) ? "minmax(156px, 2fr)" : "minmax(72px, 1fr)",
              cell: (row) => <span title={String(row[key] ?? "")}>{scalar(key, row[key])}</span>,
            }))}
          />
        </Panel>
      ))}
      {pairs.length > 0 && (
        <Panel title={title(name)} flush>
          <KeyValue pairs={pairs} />
        </Panel>
      )}
    </>
  );
}

function title(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
