/** The candidate that a misspelt word most likely stands for; undefined where none is near, or the word is among them. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const most = Math.max(1, Math.min(3, Math.floor(word.length / 3)));
  let best: string | undefined;
  let least = most + 1;
  for (const candidate of candidates) {
    if (candidate === word) return undefined;
    if (Math.abs(candidate.length - word.length) >= least && plain(candidate) !== plain(word)) continue;
    // service.name and service_name, Cart and cart are the same to a person.
    const far = plain(candidate) === plain(word) ? 0 : distance(word, candidate);
    if (far < least) [best, least] = [candidate, far];
  }
  return best;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_./]/g, "");
}

/** How many letters have to be put in, taken out, replaced, or swapped with the next to make one word of the other. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j] ?? 0, (before[j - 2] ?? 0) + 1);
    }
    [before, above] = [above, row];
  }
  return above[b.length] ?? 0;
}
