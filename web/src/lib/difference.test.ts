import { expect, test } from "vitest";

import { differences } from "./difference";

const series = (kind: string, attribute: string, value: string, count: number) => ({
  labels: { __meta_type: kind, [attribute]: value },
  points: [
    [0, 0],
    [60, count],
  ] as const,
});

test("values are ranked by how much more frequent they are in the selection, ids and the status left out", () => {
  const found = differences([
    series("selection", "zone", "b", 70),
    series("selection", "zone", "a", 30),
    series("selection_total", "zone", "nil", 100),
    series("baseline", "zone", "b", 30),
    series("baseline", "zone", "a", 70),
    series("baseline_total", "zone", "nil", 100),
    series("selection", "version", "2", 100),
    series("selection_total", "version", "nil", 100),
    series("baseline_total", "version", "nil", 50),
    series("selection", "status", "error", 100),
    series("selection_total", "status", "nil", 100),
  ]);
  expect(found).toEqual([
    { attribute: "version", value: "2", selection: 1, baseline: 0 },
    { attribute: "zone", value: "b", selection: 0.7, baseline: 0.3 },
  ]);
});

test("without a selection nothing differs", () => {
  expect(differences([series("baseline", "zone", "b", 1), series("baseline_total", "zone", "nil", 1)])).toEqual([]);
});
