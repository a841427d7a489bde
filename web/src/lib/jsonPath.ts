import { NumberText } from "./exactJson";
import { sanitiseName } from "./logFields";

/** The way to a member of a document: names of members, places in lists. */
export type JsonPath = readonly (string | number)[];

/** A path as jq and JavaScript write it: `user.roles[0]["first name"]`. */
export function pathText(path: JsonPath): string {
  return path.map((part, index) => (typeof part === "number" ? `[${part}]` : /^[A-Za-z_$][\w$]*$/.test(part) ? `${index === 0 ? "" : "."}${part}` : `[${JSON.stringify(part)}]`)).join("");
}

/** What LogQL's `json` stage calls the value at a path; undefined for what it leaves out: members of lists, and null. */
export function fieldName(path: JsonPath, value: unknown): string | undefined {
  if (value === null || path.some((part) => typeof part === "number")) return undefined;
  const names = path.map((part) => sanitiseName(String(part)));
  return names.length === 0 || names.some((name) => name === "" || name === "_") ? undefined : names.join("_");
}

/** Whether a value has no members of its own. */
export function isLeaf(value: unknown): boolean {
  return typeof value !== "object" || value === null || value instanceof NumberText;
}

/** The members of an object or list, each with its part of the path. */
export function membersOf(value: object): [part: string | number, member: unknown][] {
  return Array.isArray(value) ? value.map((member, index): [number, unknown] => [index, member]) : Object.entries(value);
}

/** The paths, as text, of what has `wanted` in its name or value, and of all that is around it. */
export function findInJson(document: unknown, wanted: string): ReadonlySet<string> {
  const lower = wanted.toLowerCase();
  const found = new Set<string>();
  const visit = (value: unknown, path: JsonPath): boolean => {
    const name = path.at(-1);
    let hit = typeof name === "string" && name.toLowerCase().includes(lower);
    if (isLeaf(value)) hit ||= String(value).toLowerCase().includes(lower);
    else for (const [part, member] of membersOf(value as object)) hit = visit(member, [...path, part]) || hit;
    if (hit) found.add(pathText(path));
    return hit;
  };
  visit(document, []);
  return found;
}
