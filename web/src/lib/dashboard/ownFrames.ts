import type { Field, Frame } from "./frame";

interface Entry {
  uid: string;
  title: string;
  tags: readonly string[];
  folderTitle: string;
  starred: boolean;
}

interface Remark {
  time: number;
  timeEnd?: number | null | undefined;
  text?: string | undefined;
  title?: string | undefined;
  tags?: readonly string[] | null | undefined;
}

/** Dashboards as a table, with the path of each. */
export function dashboardFrame(entries: readonly Entry[], refId: string): Frame {
  return {
    refId,
    name: "dashboards",
    fields: [
      column("uid", "string", entries.map((one) => one.uid)),
      column("title", "string", entries.map((one) => one.title)),
      column("url", "string", entries.map((one) => `/d/${encodeURIComponent(one.uid)}`)),
      column("folder", "string", entries.map((one) => one.folderTitle)),
      column("tags", "json", entries.map((one) => [...one.tags])),
      column("starred", "bool", entries.map((one) => one.starred)),
    ],
    meta: { type: "table" },
  };
}

/** Annotations as a table. */
export function annotationFrame(remarks: readonly Remark[], refId: string): Frame {
  return {
    refId,
    name: "annotations",
    fields: [
      column("time", "time", remarks.map((one) => one.time)),
      column("timeEnd", "time", remarks.map((one) => one.timeEnd ?? null)),
      column("title", "string", remarks.map((one) => one.title ?? "")),
      column("text", "string", remarks.map((one) => one.text ?? "")),
      column("tags", "json", remarks.map((one) => [...(one.tags ?? [])])),
    ],
    meta: { type: "table" },
  };
}

function column(name: string, type: Field["type"], values: Field["values"]): Field {
  return { name, type, values, config: {} };
}
