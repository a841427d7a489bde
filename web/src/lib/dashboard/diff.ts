import { dashboardWords, panelWords } from "./diffWords";
import { num, objs, str, type Obj } from "./json";

/** What differs between two versions of a dashboard. */
export interface DashboardDiff {
  added: string[];
  removed: string[];
  /** Panels by their title, with what was changed of them in words. */
  changed: { title: string; what: string[] }[];
  /** What was changed of the dashboard itself, in words. */
  own: string[];
}

/** Compares two versions, panel by panel. */
export function diffDashboards(before: Obj, after: Obj): DashboardDiff {
  const [old, now] = [panelsOf(before), panelsOf(after)];
  const changed = [...now].flatMap(([id, panel]) => {
    const was = old.get(id);
    const members = was ? differing(was, panel) : [];
    return members.length === 0 ? [] : [{ title: nameOf(panel), what: panelWords(members, was ?? {}, panel) }];
  });
  const members = differing(before, after).filter((member) => !["panels", "rows", "version", "id"].includes(member));
  return {
    added: [...now].filter(([id]) => !old.has(id)).map(([, panel]) => nameOf(panel)),
    removed: [...old].filter(([id]) => !now.has(id)).map(([, panel]) => nameOf(panel)),
    changed,
    own: dashboardWords(members, before, after),
  };
}

function panelsOf(raw: Obj): Map<number, Obj> {
  const rows = objs(raw.rows).flatMap((row) => objs(row.panels));
  const all = [...rows, ...objs(raw.panels).flatMap((panel) => [panel, ...objs(panel.panels)])];
  return new Map(all.map((panel, index) => [num(panel.id) ?? -index - 1, panel]));
}

function differing(a: Obj, b: Obj): string[] {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].filter((key) => key !== "panels" && JSON.stringify(a[key]) !== JSON.stringify(b[key]));
}

function nameOf(panel: Obj): string {
  return str(panel.title) || `${str(panel.type, "panel")} ${str(panel.id)}`;
}

/** One line of a difference between two texts. */
export interface DiffLine {
  kind: "same" | "added" | "removed" | "skipped";
  text: string;
}

const around = 3;
// A table of all pairs of lines: beyond this many the middle is shown as replaced.
const mostPairs = 4_000_000;

/** The lines in which two texts differ, with a few around each; longer stretches that are the same are skipped. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const same = (text: string): DiffLine => ({ kind: "same", text });
  const middle = between(a.slice(start, endA), b.slice(start, endB));
  return skipSame([...a.slice(0, start).map(same), ...middle, ...a.slice(endA).map(same)]);
}

function between(a: readonly string[], b: readonly string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: "removed", text });
  const added = (text: string): DiffLine => ({ kind: "added", text });
  if (a.length * b.length > mostPairs) return [...a.map(removed), ...b.map(added)];
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] = a[i] === b[j] ? (longest[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(longest[(i + 1) * width + j] ?? 0, longest[i * width + j + 1] ?? 0);
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: "same", text: a[i] ?? "" });
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && (longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0))) lines.push(removed(a[i++] ?? ""));
    else lines.push(added(b[j++] ?? ""));
  }
  return lines;
}

function skipSame(lines: readonly DiffLine[]): DiffLine[] {
  const near = lines.map((_, index) => lines.slice(Math.max(0, index - around), index + around + 1).some((line) => line.kind !== "same"));
  const out: DiffLine[] = [];
  lines.forEach((line, index) => {
    if (near[index]) out.push(line);
    else if (out.at(-1)?.kind !== "skipped") out.push({ kind: "skipped", text: "" });
  });
  return out;
}
