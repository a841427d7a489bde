/** The names, with a number behind each one that came before: keys that stay the same while the names do. */
export function uniqueNames(names: readonly string[]): string[] {
  const count = new Map<string, number>();
  return names.map((name) => {
    const times = (count.get(name) ?? 0) + 1;
    count.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}
