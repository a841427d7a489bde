/** A filter as URLs carry it: a label, how it is compared, and with what. */
export interface LabelFilter {
  name: string;
  op: "=" | "!=" | "=~" | "!~";
  value: string;
}

const words = { "=": "eq", "!=": "ne", "=~": "re", "!~": "nre" } as const;

/** Filters in the one compact form of all pages: `service.name:eq:checkout~level:re:err.*`. */
export function writeFilters(filters: readonly LabelFilter[]): string {
  return filters.map(({ name, op, value }) => `${escape(name)}:${words[op]}:${escape(value)}`).join("~");
}

/** Reads filters; a part that is none is left out. */
export function readFilters(text: string): LabelFilter[] {
  return text.split("~").flatMap((part): LabelFilter[] => {
    const [name = "", word, ...value] = part.split(":");
    const op = (Object.keys(words) as LabelFilter["op"][]).find((one) => words[one] === word);
    return op && name !== "" ? [{ name: unescape(name), op, value: unescape(value.join(":")) }] : [];
  });
}

// The characters with a meaning here, and the one that begins an escape.
function escape(text: string): string {
  return text.replace(/[%:~]/g, encodeAll);
}

function encodeAll(char: string): string {
  return char === "~" ? "%7E" : encodeURIComponent(char);
}

function unescape(text: string): string {
  return text.replace(/%(25|3A|7E)/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
