import { expect, test } from "vitest";

import type { AlertChange } from "../../api/alertdesk";
import type { ActiveAlert } from "../../api/rules";
import { bandsOf } from "./bands";

const range = { from: 100_000, to: 200_000 };
const change = (fingerprint: string, seconds: number, state: AlertChange["state"]): AlertChange => ({ fingerprint, at: new Date(seconds * 1000).toISOString(), state, rule: "R", value: null, labels: {}, annotations: {} });
const active = (seconds: number, state: ActiveAlert["state"]): ActiveAlert => ({ labels: {}, annotations: {}, state, activeAt: new Date(seconds * 1000).toISOString(), value: "1" });

test("alerts shade the time in which they were pending and fired", () => {
  expect(bandsOf([change("a", 150, "resolved"), change("a", 120, "firing"), change("a", 110, "pending")], [], range)).toEqual([
    { from: 110, to: 120, level: "warn" },
    { from: 120, to: 150, level: "error" },
  ]);
});

test("what overlaps is shaded once", () => {
  const changes = [change("b", 170, "resolved"), change("a", 150, "resolved"), change("b", 140, "firing"), change("a", 120, "firing")];
  expect(bandsOf(changes, [], range)).toEqual([{ from: 120, to: 170, level: "error" }]);
});

test("what fires since before the range shades all of it", () => {
  expect(bandsOf([], [active(50, "firing"), active(150, "firing"), active(60, "inactive")], range)).toEqual([{ from: 100, to: 200, level: "error" }]);
});
