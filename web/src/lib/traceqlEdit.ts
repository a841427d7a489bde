/** One comparison inside a `{ … }`. The value is unquoted when `quoted`. */
export interface Condition {
  field: string;
  op: "=" | "!=" | "=~" | "!~" | ">" | ">=" | "<" | "<=";
  value: string;
  quoted: boolean;
}

const CONDITION = /^([A-Za-z_.][^\s=!<>~&|(){}^,]*)\s*(=~|!~|!=|>=|<=|=|>|<)\s*(?:("(?:[^"\\]|\\.)*"|`[^`]*`)|([\w.+-]+))$/;

/**
 * The conditions of a query that is one `{ a && b }`. A query with more to it (pipes, `||`, structure, arithmetic) is
 * beyond these: undefined.
 */
export function readConditions(query: string): Condition[] | undefined {
  const trimmed = query.trim();
  if (trimmed === "") return [];
  if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) return undefined;
  const inside = trimmed.slice(1, -1).trim();
  if (inside === "") return [];
  const conditions: Condition[] = [];
  for (const part of splitAnd(inside)) {
    const match = CONDITION.exec(part.trim());
    if (!match) return undefined;
    const [, field = "", op, literal, bare = ""] = match;
    const value = literal === undefined ? bare : unquote(literal);
    conditions.push({ field, op: op as Condition["op"], value, quoted: literal !== undefined });
  }
  return conditions;
}

/** The query of some conditions; `{}` for none. */
export function writeConditions(conditions: readonly Condition[]): string {
  if (conditions.length === 0) return "{}";
  const parts = conditions.map((c) => `${c.field} ${c.op} ${c.quoted ? JSON.stringify(c.value) : c.value}`);
  return `{ ${parts.join(" && ")} }`;
}

/** Adds a condition to a query; a query with more to it is narrowed by another filter stage. */
export function addCondition(query: string, next: Condition): string {
  const conditions = readConditions(query);
  if (!conditions) return `${query.trim()} | ${writeConditions([next])}`;
  const same = (c: Condition) => c.field === next.field && c.op === next.op && c.value === next.value;
  return conditions.some(same) ? query : writeConditions([...conditions, next]);
}

/** An attribute's name in a query, quoted where it would end early. Of escapes it knows those of a quote and a backslash. */
export function attributeField(scope: "span" | "resource" | "event", key: string): string {
  return /^[^\s{}()=~!<>&|^,"'`\\]+$/.test(key) ? `${scope}.${key}` : `${scope}."${key.replace(/["\\]/g, "\\$&")}"`;
}

/** Splits at `&&` outside strings. A stray bracket or bar stays in its part and fails to read as a condition. */
function splitAnd(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let inString = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (inString !== "") {
      if (char === "\\" && inString === '"') i++;
      else if (char === inString) inString = "";
    } else if (char === '"' || char === "`") inString = char;
    else if (char === "&" && text[i + 1] === "&") {
      parts.push(text.slice(start, i));
      start = i + 2;
      i++;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function unquote(literal: string): string {
  if (literal.startsWith("`")) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal.slice(1, -1);
  }
}

/** Whether a query asks for series over time instead of spans. */
export function isMetricsQuery(query: string): boolean {
  // Strings go first: a value may well contain "| rate()".
  const bare = query.replace(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '""');
  return /\|\s*(?:rate|compare|histogram_over_time|quantile_over_time|(?:count|min|max|avg|sum)_over_time)\s*\(/.test(bare);
}
