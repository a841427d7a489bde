const read = new Map<string, string>();

/**
 * The value of a token of the theme, as a canvas understands it. It is read once per theme: reading makes the browser work
 * out the styles of the whole page, which for each of many charts in turn takes longer than drawing them.
 */
export function token(name: string): string {
  const root = document.documentElement;
  const { mantineColorScheme, contrast } = root.dataset;
  const key = `${mantineColorScheme} ${contrast} ${name}`;
  const known = read.get(key);
  if (known !== undefined) return known;
  const value = getComputedStyle(root).getPropertyValue(`--o-${name}`).trim();
  // Before the style sheet is there nothing is known.
  if (value !== "") read.set(key, value);
  return value;
}
