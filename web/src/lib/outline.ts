/** A JSON value as an outline for people to read: one name a line, indented below what it belongs to. */
export function outline(value: unknown, indent = ""): string {
  if (typeof value !== "object" || value === null) return `${indent}${String(value)}`;
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([name, one]: [string, unknown]) => {
      if (typeof one !== "object" || one === null) return `${indent}${name}: ${String(one)}`;
      const inner = outline(one, `${indent}  `);
      return inner === "" ? `${indent}${name}: ${Array.isArray(one) ? "[]" : "{}"}` : `${indent}${name}:\n${inner}`;
    })
    .join("\n");
}
