import { describe, expect, it, test } from "vitest";

import { sortAlerts, splitComparison } from "./alerts";

test("alerts come firing first, then by severity, then the oldest", () => {
  const alert = (name: string, state: string, severity: string, activeAt: string) => ({ state, labels: { name, severity }, activeAt });
  const sorted = sortAlerts([
    alert("e", "pending", "critical", "2026-01-01T00:00:00Z"),
    alert("d", "firing", "odd", "2026-01-01T00:00:00Z"),
    alert("c", "firing", "warning", "2026-01-01T00:00:00Z"),
    alert("b", "firing", "Critical", "2026-01-02T00:00:00Z"),
    alert("a", "firing", "critical", "2026-01-01T00:00:00Z"),
  ]);
  expect(sorted.map((one) => one.labels.name).join("")).toBe("abcde");
});

describe("an alert's expression", () => {
  it.each([
    ["up == 0", "up", 0],
    ["rate(a[5m]) > 0.05", "rate(a[5m])", 0.05],
    ["sum by (job) (rate(a{code=~\"5..\"}[1m]))\n  / sum by (job) (rate(b[1m]))\n> 1e-2", "sum by (job) (rate(a{code=~\"5..\"}[1m]))\n  / sum by (job) (rate(b[1m]))", 0.01],
    ["a >= bool -3", "a", -3],
    ['a{b="> 5"} < 2', 'a{b="> 5"}', 2],
    ["(a or b) > 1", "(a or b)", 1],
  ])("is split into value and threshold: %s", (expression, value, threshold) => {
    expect(splitComparison(expression)).toEqual({ value, threshold });
  });

  it.each(["up", "absent(up)", "a > b", "a > 1 and b > 2", "a unless b > 3", "count(a > 5)", "> 5", ""])("is left whole: %s", (expression) => {
    expect(splitComparison(expression)).toBeUndefined();
  });
});
