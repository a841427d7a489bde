import type { Cell, Field, Frame } from "../../lib/dashboard/frame";
import { bool, isObj, str, type Obj } from "../../lib/dashboard/json";
import { formatLabels } from "../../lib/labels";
import { lineId, mergeLines, type Fields, type LogLine } from "../../lib/logLines";

/** The lines of a panel's frames in the order it wants, those that repeat the one before as often as it wants. */
export function readLogLines(frames: readonly Frame[], options: Obj): LogLine[] {
  const lines = frames.map(linesOf);
  const newestFirst = mergeLines(...lines);
  const shown = dedup(newestFirst, str(options.dedupStrategy, "none")).map((line) => withText(line, options));
  return str(options.sortOrder) === "Ascending" ? shown.toReversed() : shown;
}

function linesOf(frame: Frame): LogLine[] {
  const named = (...names: string[]): Field | undefined => frame.fields.find((field) => names.includes(field.name));
  const body = named("Line", "body", "line", "message") ?? frame.fields.find((field) => field.type === "string");
  const time = frame.fields.find((field) => field.type === "time");
  const nanos = named("tsNs");
  const labels = named("labels");
  if (!body || !time) return [];
  // What stands beside the line, such as a column that a transformation made, is a field of it.
  const others = frame.fields.filter((field) => field.type === "string" && field !== body && field !== nanos && field.name !== "id");
  return body.values.flatMap((value, row): LogLine[] => {
    const ts = typeof nanos?.values[row] === "string" ? String(nanos.values[row]) : nanosOf(time.values[row] ?? null);
    if (value === null || ts === undefined) return [];
    const own = { ...fieldsOf(labels?.values[row] ?? null), ...body.labels };
    const parsed = Object.fromEntries(others.flatMap((field) => (typeof field.values[row] === "string" ? [[field.name, String(field.values[row])]] : [])));
    const line = String(value);
    return [{ id: `${lineId(ts, line, own, parsed)}-${row}`, ts, line, labels: own, metadata: {}, parsed }];
  });
}

function nanosOf(ms: Cell): string | undefined {
  return typeof ms === "number" && Number.isFinite(ms) && ms >= 0 ? (BigInt(Math.round(ms * 1000)) * 1000n).toString() : undefined;
}

function fieldsOf(value: Cell): Fields {
  return isObj(value) ? Object.fromEntries(Object.entries(value).map(([name, of]) => [name, str(of)])) : {};
}

// What two lines must have alike to be one.
const likeness: Record<string, (line: string) => string> = {
  exact: (line) => line.replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g, ""),
  numbers: (line) => line.replace(/\d/g, ""),
  signature: (line) => line.replace(/\w/g, ""),
};

function dedup(lines: readonly LogLine[], strategy: string): LogLine[] {
  const like = likeness[strategy];
  if (!like) return [...lines];
  const kept: { line: LogLine; times: number }[] = [];
  for (const line of lines) {
    const before = kept.at(-1);
    if (before && like(before.line.line) === like(line.line)) before.times++;
    else kept.push({ line, times: 1 });
  }
  return kept.map(({ line, times }) => (times === 1 ? line : { ...line, line: `${line.line} (×${times})` }));
}

function withText(line: LogLine, options: Obj): LogLine {
  const pretty = bool(options.prettifyLogMessage) && bool(options.wrapLogMessage) ? prettyJson(line.line) : line.line;
  const text = bool(options.showLabels) ? `${formatLabels(line.labels)} ${pretty}` : pretty;
  return text === line.line ? line : { ...line, line: text };
}

function prettyJson(line: string): string {
  if (!line.trimStart().startsWith("{")) return line;
  try {
    return JSON.stringify(JSON.parse(line), null, 2);
  } catch {
    return line;
  }
}
