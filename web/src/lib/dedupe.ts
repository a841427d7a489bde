import type { LogLine } from "./logLines";

/** Which lines count as the same: the text as it is, without its numbers, or only its punctuation. */
export type Dedupe = "none" | "exact" | "numbers" | "signature";

/** A line that stands for itself and those after it that are the same. */
export interface Folded {
  line: LogLine;
  /** How many it stands for, itself included. */
  count: number;
}

/** Folds lines in a row that are the same into the first of them. */
export function foldSame(lines: readonly LogLine[], by: Dedupe): Folded[] {
  if (by === "none") return lines.map((line) => ({ line, count: 1 }));
  const folded: Folded[] = [];
  let before: string | undefined;
  for (const line of lines) {
    const key = signature(line.line, by);
    const last = folded.at(-1);
    if (last && key === before) last.count++;
    else folded.push({ line, count: 1 });
    before = key;
  }
  return folded;
}

function signature(text: string, by: Dedupe): string {
  if (by === "numbers") return text.replace(/\d+(?:\.\d+)?/g, "0");
  if (by === "signature") return text.replace(/[\p{L}\p{N}\s]+/gu, "");
  return text;
}
