/** The ways a variable's values can be written into a text, by the name after the colon: `${job:csv}`. */
import { wallClock } from "../zone";

/** What a variable holds: one value or several, with the texts people see. */
export interface Selection {
  value: string | string[];
  text: string | string[];
}

export interface FormatInput extends Selection {
  /** The variable's name, for formats that write it too. */
  name: string;
}

type Format = (input: FormatInput, args: string[]) => string;

const regexMeta = /[\\^$*+?.()|[\]{}/]/g;

export function escapeRegex(value: string): string {
  return value.replace(regexMeta, "\\$&");
}

const formats: Record<string, Format> = {
  raw: ({ value }) => many(value).join(","),
  csv: ({ value }) => many(value).join(","),
  pipe: ({ value }) => many(value).join("|"),
  regex: ({ value }) => (Array.isArray(value) ? group(value.map(escapeRegex)) : escapeRegex(value)),
  glob: ({ value }) => (Array.isArray(value) ? (value.length > 1 ? `{${value.join(",")}}` : (value[0] ?? "")) : value),
  json: ({ value }) => JSON.stringify(value),
  text: ({ text }) => many(text).join(" + "),
  singlequote: ({ value }) => many(value).map((one) => `'${one.replace(/'/g, "\\'")}'`).join(","),
  doublequote: ({ value }) => many(value).map((one) => `"${one.replace(/"/g, '\\"')}"`).join(","),
  sqlstring: ({ value }) => many(value).map((one) => `'${one.replace(/'/g, "''")}'`).join(","),
  lucene: ({ value }) => (Array.isArray(value) ? (value.length === 0 ? "__empty__" : `(${value.map((one) => `"${lucene(one)}"`).join(" OR ")})`) : lucene(value)),
  distributed: ({ value, name }) => (Array.isArray(value) ? value.map((one, index) => (index === 0 ? one : `${name}=${one}`)).join(",") : value),
  html: ({ value }) => many(value).map(escapeHTML).join(", "),
  percentencode: (input) => strictEncode(formats.glob?.(input, []) ?? ""),
  uriencode: (input) => encodeURI(formats.glob?.(input, []) ?? ""),
  queryparam: ({ value, name }) => many(value).map((one) => `var-${encodeURIComponent(name)}=${encodeURIComponent(one)}`).join("&"),
  customqueryparam: ({ value, name }, [alias, prefix = ""]) => many(value).map((one) => `${encodeURIComponent(alias || name)}=${encodeURIComponent(prefix + one)}`).join("&"),
  join: ({ value }, [separator = ","]) => many(value).join(separator),
  date: ({ value }, args) => formatDate(Number(many(value)[0]), args),
};

/** Writes a selection in the named format, `name:argument`; one that is not known counts as glob. */
export function formatSelection(format: string, input: FormatInput): string {
  const [name = "", ...args] = format.split(":");
  const write = formats[name] ?? formats.glob;
  return write ? write(input, args) : many(input.value).join(",");
}

function many(value: string | string[]): string[] {
  return Array.isArray(value) ? value : [value];
}

function group(values: string[]): string {
  return values.length === 1 ? (values[0] ?? "") : `(${values.join("|")})`;
}

function lucene(value: string): string {
  return value.replace(/([!*+\-=<>\s&|()[\]{}^~?:\\/"])/g, "\\$1");
}

function escapeHTML(value: string): string {
  return value.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function strictEncode(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** `date`, `date:iso`, `date:seconds`, or `date:YYYY-MM-DD HH:mm`. Unix milliseconds, UTC. */
export function formatDate(ms: number, args: readonly string[]): string {
  if (!Number.isFinite(ms)) return "";
  const pattern = args.join(":");
  if (pattern === "" || pattern === "iso") return new Date(ms).toISOString();
  if (pattern === "seconds") return String(Math.round(ms / 1000));
  const clock = wallClock(ms, "UTC");
  const parts: Record<string, string> = {
    YYYY: String(clock.year),
    YY: String(clock.year % 100).padStart(2, "0"),
    MM: pad(clock.month),
    M: String(clock.month),
    DD: pad(clock.day),
    D: String(clock.day),
    HH: pad(clock.hour),
    H: String(clock.hour),
    mm: pad(clock.minute),
    m: String(clock.minute),
    ss: pad(clock.second),
    s: String(clock.second),
    SSS: String(clock.milli).padStart(3, "0"),
    x: String(ms),
    X: String(Math.floor(ms / 1000)),
  };
  return pattern.replace(/\[([^\]]*)\]|YYYY|YY|MM|M|DD|D|HH|H|mm|m|ss|s|SSS|x|X/g, (token, literal?: string) => literal ?? parts[token] ?? token);
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
