import { stringifySearch } from "../urlState";

/** An address within the page: path and search, without Oriel's prefix. */
export function address(path: string, search: Record<string, string | readonly string[] | undefined> = {}): string {
  return path + stringifySearch(search);
}

/** JSON of a parameter; undefined if it is none. */
export function parseJson(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `value` if it is text, a number as its digits, else "". */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

/** A TraceQL or LogQL string. */
export function quoted(value: string): string {
  return JSON.stringify(value);
}
