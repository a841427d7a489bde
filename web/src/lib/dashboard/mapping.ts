import type { Cell, MappingResult, ValueMapping } from "./frame";
import { num, obj, objs, str, type Obj } from "./json";

/** The mapping that `value` falls under; the first one does. */
export function mapValue(mappings: readonly ValueMapping[] | undefined, value: Cell): MappingResult | undefined {
  for (const mapping of mappings ?? []) {
    const result = matches(mapping, value);
    if (result) return result;
  }
  return undefined;
}

function matches(mapping: ValueMapping, value: Cell): MappingResult | undefined {
  switch (mapping.type) {
    case "value":
      return value === null ? mapping.options.null : byValue(mapping.options, value);
    case "range": {
      const { from, to, result } = mapping.options;
      const number = value === null || typeof value === "object" ? NaN : typeof value === "string" && value.trim() === "" ? NaN : Number(value);
      return number >= (from ?? -Infinity) && number <= (to ?? Infinity) ? result : undefined;
    }
    case "regex":
      return value === null || typeof value === "object" ? undefined : byPattern(mapping.options, String(value));
    case "special":
      return isSpecial(mapping.options.match, value) ? mapping.options.result : undefined;
  }
}

function byValue(options: Record<string, MappingResult>, value: Exclude<Cell, null>): MappingResult | undefined {
  if (typeof value === "object") return undefined;
  const exact = options[String(value)];
  if (exact || typeof value !== "number") return exact;
  // "1.0" and "01" mean 1.
  const key = Object.keys(options).find((one) => one.trim() !== "" && Number(one) === value);
  return key === undefined ? undefined : options[key];
}

function byPattern({ pattern, result }: { pattern: string; result: MappingResult }, text: string): MappingResult | undefined {
  const regex = parsePattern(pattern);
  if (!regex?.test(text)) return undefined;
  regex.lastIndex = 0;
  return result.text === undefined ? result : { ...result, text: text.replace(regex, result.text) };
}

const patterns = new Map<string, RegExp | null>();

/** A pattern as dashboards write it, `/…/flags` or bare; undefined where it is none. */
export function parsePattern(pattern: string): RegExp | undefined {
  let regex = patterns.get(pattern);
  if (regex === undefined) {
    const [, body, flags] = /^\/(.*)\/([dgimsuvy]*)$/s.exec(pattern) ?? [];
    try {
      regex = new RegExp(body ?? pattern, flags ?? "");
    } catch {
      regex = null;
    }
    if (patterns.size > 1000) patterns.clear();
    patterns.set(pattern, regex);
  }
  if (regex) regex.lastIndex = 0;
  return regex ?? undefined;
}

function isSpecial(match: string, value: Cell): boolean {
  const nan = typeof value === "number" && Number.isNaN(value);
  switch (match) {
    case "true":
      return value === true || value === "true";
    case "false":
      return value === false || value === "false";
    case "null":
      return value === null;
    case "nan":
      return nan;
    case "null+nan":
      return nan || value === null;
    case "empty":
      return value === "";
    default:
      return false;
  }
}

/** Mappings as a dashboard holds them, after migration; what is none is left out. */
export function readMappings(raw: unknown): ValueMapping[] {
  return objs(raw).flatMap((mapping): ValueMapping[] => {
    const options = obj(mapping.options);
    switch (mapping.type) {
      case "value":
        return [{ type: "value", options: Object.fromEntries(Object.entries(options).map(([key, result]) => [key, readResult(obj(result))])) }];
      case "range":
        return [{ type: "range", options: { from: num(options.from) ?? null, to: num(options.to) ?? null, result: readResult(obj(options.result)) } }];
      case "regex":
        return [{ type: "regex", options: { pattern: str(options.pattern), result: readResult(obj(options.result)) } }];
      case "special": {
        const match = str(options.match);
        return isMatch(match) ? [{ type: "special", options: { match, result: readResult(obj(options.result)) } }] : [];
      }
      default:
        return [];
    }
  });
}

function readResult(raw: Obj): MappingResult {
  const index = num(raw.index);
  return {
    ...(raw.text !== undefined && raw.text !== null && { text: str(raw.text) }),
    ...(typeof raw.color === "string" && raw.color !== "" && { color: raw.color }),
    ...(index !== undefined && { index }),
  };
}

const specials = ["true", "false", "null", "nan", "null+nan", "empty"] as const;

function isMatch(text: string): text is (typeof specials)[number] {
  return specials.some((one) => one === text);
}
