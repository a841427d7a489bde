import type { Pair } from "../../components/KeyValue";
import { formatValue, group } from "../../lib/units";

/** A list of objects within a JSON value. */
export interface JsonTable {
  /** Keys that lead to it, joined by dots. */
  path: string;
  rows: readonly Readonly<Record<string, unknown>>[];
  /** Keys of the rows, in the order they first appear. */
  keys: readonly string[];
}

/** The lists of objects in a JSON value, wherever they are. */
export function tables(value: unknown, path = ""): JsonTable[] {
  if (isTable(value)) return [{ path, rows: value, keys: [...new Set(value.flatMap((row) => Object.keys(row)))] }];
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => tables(inner, join(path, key)));
}

/** What `tables` leaves of a JSON value, as lines of `a.b.c` and text; nothing is no line. */
export function flatten(value: unknown, path = ""): Pair[] {
  if (value === null || value === undefined || isTable(value)) return [];
  if (isObject(value)) return Object.entries(value).flatMap(([key, inner]) => flatten(inner, join(path, key)));
  return [{ key: path || "value", value: scalar(path, value) }];
}

/** A value as text. Sizes and times are shown as such, going by the key's ending. */
export function scalar(key: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map((one) => scalar(key, one)).join(", ");
  if (typeof value === "number") return /bytes$/i.test(key) ? formatValue(value, "bytes") : group(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "object") return JSON.stringify(value);
  // Nanoseconds of an RFC 3339 time say nothing on a status page.
  return String(value).replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.\d+Z$/, "$1 $2 UTC");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTable(value: unknown): value is Record<string, unknown>[] {
  return Array.isArray(value) && value.length > 0 && value.every(isObject);
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
