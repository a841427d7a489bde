/** Variables replaced by what is as long and may stand there, for a grammar that does not know them: a duration, a number or a name. */
export function maskVariables(query: string): string {
  return query.replace(/\$(?:\{[^}]*\}|\w+)/g, (variable, at: number) => {
    const before = query.slice(0, at).trimEnd();
    const digits = `1${"0".repeat(variable.length - 2)}`;
    if (before.endsWith("[") || before.endsWith("offset")) return `${digits}s`;
    const value = /[<>=+\-*/%^]$/.test(before) || (before.endsWith("(") && query.slice(at + variable.length).trimStart().startsWith(","));
    return value ? `${digits}0` : "x".repeat(variable.length);
  });
}
