/** JSON of a cell's object; 64-bit numbers, which JSON has none of, as text. */
export function jsonText(value: unknown, indent = 0): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? String(member) : member), indent) ?? "";
}
