/** What may be completed at the end of a piece of LogQL or TraceQL. */
export type Context =
  /** A label or attribute name, begun at `from`. */
  | { kind: "name"; from: number }
  /** A value of `name`, begun at `from`; `quoted` if its opening quote is typed already. `scope` is the selector of the conditions before it, "" for none. */
  | { kind: "value"; from: number; name: string; quoted: boolean; scope: string }
  /** What follows a pipe. */
  | { kind: "stage"; from: number }
  /** A function at the start of an expression. */
  | { kind: "function"; from: number };

const valueBegun = /([\w.:-]+)\s*(?:=~|!~|!=|>=|<=|=|>|<)\s*("?)((?:[^"\\]|\\.)*)$/;

/** Finds what is being typed at the end of `before`; undefined inside text that cannot be completed. */
export function contextAt(before: string): Context | undefined {
  const { open, inString } = scan(before);
  if (open >= 0) return inBraces(before, open, inString);
  if (inString) return undefined;
  const stage = /\|\s*(\w*)$/.exec(before);
  if (stage) return { kind: "stage", from: before.length - (stage[1] ?? "").length };
  const word = /(?:^|[\s(])(\w*)$/.exec(before);
  return word ? { kind: "function", from: before.length - (word[1] ?? "").length } : undefined;
}

function inBraces(before: string, open: number, inString: boolean): Context | undefined {
  const inside = before.slice(open + 1);
  const value = valueBegun.exec(inside);
  const [, name = "", quote, text = ""] = value ?? [];
  if (value && inString === (quote === '"') && (inString || /^[\w.-]*$/.test(text))) {
    return { kind: "value", from: before.length - text.length, name, quoted: inString, scope: scopeOf(inside.slice(0, value.index)) };
  }
  if (inString) return undefined;
  const word = /(?:^|[\s,(&|!])([\w.:-]*)$/.exec(inside);
  return word ? { kind: "name", from: before.length - (word[1] ?? "").length } : undefined;
}

/** The selector of whole conditions, as far as they all have to hold. */
function scopeOf(conditions: string): string {
  const whole = conditions.replace(/(?:,|&&)\s*$/, "").trim();
  return whole === "" || whole === conditions.trim() || /\|\||[()$]/.test(whole) ? "" : `{${whole}}`;
}

/** Position of the brace that is still open at the end of `text`, or -1, and whether a string is. */
function scan(text: string): { open: number; inString: boolean } {
  let open = -1;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quote !== "") {
      if (char === "\\" && quote === '"') i++;
      else if (char === quote) quote = "";
    } else if (char === '"' || char === "`") quote = char;
    else if (char === "{") open = i;
    else if (char === "}") open = -1;
  }
  return { open, inString: quote !== "" };
}
