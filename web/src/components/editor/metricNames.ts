// More are not read, and sorting them is what makes a large list slow.
const most = 300;

/**
 * The names that a typed text may mean, the likeliest first: those that begin with it, then those with a word that does,
 * then those that have all its parts in any order. Linear in the number of names.
 */
export function likelyNames(names: readonly string[], typed: string): string[] {
  const wanted = typed.toLowerCase();
  const parts = wanted.split(/[_:.\s]+/).filter(Boolean);
  const begin: string[] = [];
  const word: string[] = [];
  const within: string[] = [];
  for (const name of names) {
    const lower = name.toLowerCase();
    if (lower.startsWith(wanted)) {
      begin.push(name);
      if (begin.length >= most) break;
    } else if (word.length < most && (lower.includes(`_${wanted}`) || lower.includes(`:${wanted}`) || lower.includes(`.${wanted}`))) word.push(name);
    else if (within.length < most && parts.every((part) => lower.includes(part))) within.push(name);
  }
  return [...begin, ...word, ...within].slice(0, most);
}
