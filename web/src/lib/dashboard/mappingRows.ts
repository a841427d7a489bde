import { compact, num, obj, str, type Obj } from "./json";

/** A value mapping as an editor shows it: one line for each value, range, pattern or special value. */
export interface MappingRow {
  type: "value" | "range" | "regex" | "special";
  /** The value, the lower end, the pattern, or the name of the special value. */
  of: string;
  /** The upper end of a range. */
  to: string;
  text: string;
  color: string;
  /** What else the result has, kept as it is. */
  rest: Obj;
}

/** The lines of mappings of today's form, in their order. */
export function mappingRows(mappings: readonly Obj[]): MappingRow[] {
  return mappings.flatMap((mapping): MappingRow[] => {
    const options = obj(mapping.options);
    switch (mapping.type) {
      case "value":
        return Object.entries(options).map(([value, result]) => row("value", value, "", obj(result)));
      case "range":
        return [row("range", str(options.from), str(options.to), obj(options.result))];
      case "regex":
        return [row("regex", str(options.pattern), "", obj(options.result))];
      case "special":
        return [row("special", str(options.match), "", obj(options.result))];
      default:
        return [];
    }
  });
}

function row(type: MappingRow["type"], of: string, to: string, { text, color, index: _, ...rest }: Obj): MappingRow {
  return { type, of, to, text: str(text), color: str(color), rest };
}

/** The mappings of lines: values that follow each other are one. */
export function mappingsOf(rows: readonly MappingRow[]): Obj[] {
  const out: Obj[] = [];
  rows.forEach((one, index) => {
    const result = compact({ ...one.rest, text: one.text === "" ? undefined : one.text, color: one.color === "" ? undefined : one.color, index });
    if (one.type === "value") {
      const last = out.at(-1);
      if (last?.type === "value") last.options = { ...obj(last.options), [one.of]: result };
      else out.push({ type: "value", options: { [one.of]: result } });
    } else if (one.type === "range") out.push({ type: "range", options: { from: num(one.of) ?? null, to: num(one.to) ?? null, result } });
    else if (one.type === "regex") out.push({ type: "regex", options: { pattern: one.of, result } });
    else out.push({ type: "special", options: { match: one.of, result } });
  });
  return out;
}
