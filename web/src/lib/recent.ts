/** Puts `one` in front of `list`, which has each at most once and at most `limit` of them. */
export function remember<T>(list: readonly T[], one: T, limit: number, key: (item: T) => string = String): T[] {
  return [one, ...list.filter((item) => key(item) !== key(one))].slice(0, limit);
}
