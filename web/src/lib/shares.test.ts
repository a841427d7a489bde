import { expect, test } from "vitest";

import { compareTallies, Tally } from "./shares";

function tally(rows: [Record<string, string>, number][]): Tally {
  const out = new Tally();
  for (const [labels, weight] of rows) out.add(labels, weight);
  return out;
}

test("what is more frequent in the selection comes first, with its share in both", () => {
  const selection = tally([[{ zone: "b", code: "500" }, 9], [{ zone: "a", code: "200" }, 1]]);
  const baseline = tally([[{ zone: "b", code: "200" }, 50], [{ zone: "a", code: "200" }, 50]]);
  expect(compareTallies(selection, baseline)).toEqual([
    { attribute: "code", value: "500", selection: 0.9, baseline: 0 },
    { attribute: "zone", value: "b", selection: 0.9, baseline: 0.5 },
  ]);
});

test("what is as frequent, or has a value of its own for each thing, tells nothing", () => {
  const same = tally([[{ zone: "a" }, 5]]);
  expect(compareTallies(same, same)).toEqual([]);
  const ids = tally(Array.from({ length: 300 }, (_, id): [Record<string, string>, number] => [{ id: String(id), zone: "b" }, 1]));
  expect(compareTallies(ids, same).map((one) => one.attribute)).toEqual(["zone"]);
});

test("nothing to compare with is no difference; weights that are none do not count", () => {
  expect(compareTallies(tally([[{ a: "b" }, 1]]), new Tally())).toEqual([]);
  expect(tally([[{ a: "b" }, NaN], [{ a: "b" }, -1], [{ a: "b" }, Infinity]]).total).toBe(0);
});
