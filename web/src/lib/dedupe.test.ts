import { expect, test } from "vitest";

import { foldSame, type Dedupe } from "./dedupe";
import type { LogLine } from "./logLines";

const line = (text: string, index: number): LogLine => ({ id: String(index), ts: String(index), line: text, labels: {}, metadata: {}, parsed: {} });
const texts = ["took 1.5ms", "took 2.5ms", "took 2.5ms", "gave 3.5ms", "done", "took 2.5ms"];

test.each<[Dedupe, string[]]>([
  ["none", ["took 1.5ms x1", "took 2.5ms x1", "took 2.5ms x1", "gave 3.5ms x1", "done x1", "took 2.5ms x1"]],
  ["exact", ["took 1.5ms x1", "took 2.5ms x2", "gave 3.5ms x1", "done x1", "took 2.5ms x1"]],
  ["numbers", ["took 1.5ms x3", "gave 3.5ms x1", "done x1", "took 2.5ms x1"]],
  ["signature", ["took 1.5ms x4", "done x1", "took 2.5ms x1"]],
])("lines in a row that are the same by %s are folded", (by, expected) => {
  expect(foldSame(texts.map(line), by).map((one) => `${one.line.line} x${one.count}`)).toEqual(expected);
});
