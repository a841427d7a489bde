import { expect, test } from "vitest";

import { alertPeriods } from "./alertPeriods";

const range = { from: 0, to: 100_000 };
const at = (seconds: number, state: string) => ({ at: new Date(seconds * 1000).toISOString(), state });
const periods = (...changes: ReturnType<typeof at>[]) => alertPeriods(changes, range).map(({ from, to, state }) => [state, from / 1000, to / 1000]);

test.each([
  ["nothing", [], []],
  ["pending, then firing, then over", [at(10, "pending"), at(20, "firing"), at(50, "resolved")], [["pending", 10, 20], ["firing", 20, 50]]],
  ["still firing", [at(10, "firing")], [["firing", 10, 100]]],
  ["an end alone began before", [at(30, "resolved")], [["firing", 0, 30]]],
  ["a pending end alone began before", [at(30, "inactive")], [["pending", 0, 30]]],
  ["what people do changes nothing", [at(10, "firing"), at(20, "acknowledged"), at(30, "resolved")], [["firing", 10, 30]]],
  ["twice", [at(10, "firing"), at(20, "resolved"), at(30, "firing"), at(40, "resolved")], [["firing", 10, 20], ["firing", 30, 40]]],
])("%s", (_, changes, want) => expect(periods(...changes)).toEqual(want));
