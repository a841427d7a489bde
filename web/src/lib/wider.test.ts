import { expect, test } from "vitest";

import { widerRange } from "./wider";

const at = Date.UTC(2026, 0, 10);
const ago = (hours: number) => ({ from: at - hours * 3_600_000, to: at });

test.each([
  [1, "Last 6 h", "now-6h"],
  [6, "Last 24 h", "now-24h"],
  [24, "Last 7 d", "now-7d"],
])("%i hours up to now become the %s", (hours, title, from) => {
  expect(widerRange({ from: `now-${hours}h`, to: "now" }, ago(hours))).toMatchObject({ title, raw: { from, to: "now" } });
});

test("a range of the past keeps its end", () => {
  expect(widerRange({ from: String(at - 1), to: String(at) }, ago(1))).toEqual({ title: "6 h until then", raw: { from: String(at - 6 * 3_600_000), to: String(at) }, range: ago(6) });
});

test("beyond a week there is no wider one", () => {
  expect(widerRange({ from: "now-30d", to: "now" }, ago(720))).toBeUndefined();
});
