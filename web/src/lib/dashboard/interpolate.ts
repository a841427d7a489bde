import { formatSelection, type FormatInput, type Selection } from "./formats";
import { isObj } from "./json";

/** A name's meaning: a selection; something with members, such as `__data`; or a plain value. */
export type ScopeValue = Selection | Record<string, unknown> | string | number | boolean | null | undefined;

/** Names that may be replaced; inner scopes come first. */
export type Scope = ReadonlyMap<string, ScopeValue>;

/** Writes a value where the text gives no format; `before` is the text in front of it. */
export type DefaultFormat = string | ((input: FormatInput, before: string) => string);

// $name, [[name]], [[name:format]], ${name}, ${name.path:format}
const syntax = /\$(\w+)|\[\[(\w+?)(?::([\w:]+))?\]\]|\$\{(\w+)((?:\.[^:^}]+|\[[^\]]+\])*)(?::([^}]+))?\}/g;

/**
 * Replaces variables and macros in `text`. A name that no scope knows stays as it was written, so that a `$` of the
 * query language passes through.
 */
export function interpolate(text: string, scopes: readonly Scope[], format: DefaultFormat = "glob"): string {
  if (!text.includes("$") && !text.includes("[[")) return text;
  return text.replace(syntax, (all, plain?: string, square?: string, squareFormat?: string, braced?: string, path?: string, bracedFormat?: string, at = 0) => {
    const name = plain ?? square ?? braced ?? "";
    const found = lookup(name, scopes);
    if (found === undefined) return all;
    const value = path ? walk(found, pathOf(path)) : found;
    if (value === undefined || value === null) return path ? "" : all;
    return write(name, value, bracedFormat ?? squareFormat ?? format, () => text.slice(0, at));
  });
}

/** The names of variables that `text` mentions. */
export function mentioned(text: string): string[] {
  return [...text.matchAll(syntax)].map((match) => match[1] ?? match[2] ?? match[4] ?? "");
}

function lookup(name: string, scopes: readonly Scope[]): ScopeValue {
  for (const scope of scopes) {
    const value = scope.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function write(name: string, value: unknown, format: DefaultFormat, before: () => string): string {
  if (isSelection(value)) {
    const input = { name, ...value };
    return typeof format === "string" ? formatSelection(format, input) : format(input, before());
  }
  // A thing with a name of its own, such as __dashboard, is written as that.
  const text = typeof value === "object" && value !== null && !Object.hasOwn(value, "toString") ? JSON.stringify(value) : String(value);
  return typeof format === "string" && format !== "glob" && format !== "text" ? formatSelection(format, { name, value: text, text }) : text;
}

export function isSelection(value: unknown): value is Selection {
  if (!isObj(value) || !("value" in value) || !("text" in value)) return false;
  return typeof value.value === "string" || Array.isArray(value.value);
}

/** `.labels.job` and `.fields["My column"][0]` as steps. */
function pathOf(path: string): string[] {
  return [...path.matchAll(/\.([^.[\]]+)|\[(?:"([^"]*)"|'([^']*)'|([^\]]*))\]/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? match[4] ?? "");
}

function walk(value: unknown, path: readonly string[]): unknown {
  let at: unknown = value;
  for (let i = 0; i < path.length; i++) {
    if (!isObj(at) && !Array.isArray(at)) return undefined;
    // A label or column may have dots in its name.
    const rest = path.slice(i).join(".");
    const members = at as Record<string, unknown>;
    if (rest in members) return members[rest];
    at = members[path[i] ?? ""];
  }
  return at;
}
