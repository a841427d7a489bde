const macro = /\$\{?\w+(?::\w+)?\}?/g;
const strings = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g;
// Lengths of time and numbers that nobody writes, in the one form that servers print them.
const firstYear = 101;
const firstNumber = 918_273_000;

/**
 * A query that parses although it has macros and variables in it, and the way back: outside of strings, where they do not
 * matter, each gives way to a length of time inside brackets and to a number elsewhere.
 */
export function hideMacros(query: string): { text: string; back: (text: string) => string } {
  const hidden = new Map<string, string>();
  const quoted: [from: number, to: number][] = Array.from(query.matchAll(strings), (match) => [match.index, match.index + match[0].length]);
  const text = query.replace(macro, (found: string, at: number) => {
    if (quoted.some(([from, to]) => at >= from && at < to)) return found;
    const before = query.slice(0, at);
    const stands = before.lastIndexOf("[") > before.lastIndexOf("]") || /\boffset\s+-?$/.test(before) ? `${firstYear + hidden.size}y` : String(firstNumber + hidden.size);
    hidden.set(stands, found);
    return stands;
  });
  return { text, back: (formatted) => [...hidden].reduce((whole, [stands, found]) => whole.replaceAll(stands, () => found), formatted) };
}
