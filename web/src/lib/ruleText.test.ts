import { expect, test } from "vitest";

import { durationText, ruleYaml } from "./ruleText";

test.each([
  [0, "0s"],
  [20, "20s"],
  [300, "5m"],
  [5400, "1h30m"],
  [90_061, "1d1h1m1s"],
  [0.25, "250ms"],
])("%d seconds are %s", (seconds, wanted) => expect(durationText(seconds)).toBe(wanted));

test("a group is written as a rule file, quoting what YAML would read as something else", () => {
  const text = ruleYaml({
    name: "shop",
    interval: "30s",
    rules: [
      { alert: "High", expr: "rate(x[5m]) > 0.05", for: "5m", labels: { severity: "critical", tier: "1", on: "yes" }, annotations: { summary: "{{ $labels.job }}: bad" } },
      { record: "a:b", expr: "sum(\n  x\n)" },
    ],
  });
  expect(text).toBe(`groups:
  - name: shop
    interval: 30s
    rules:
      - alert: High
        expr: rate(x[5m]) > 0.05
        for: 5m
        labels:
          severity: critical
          tier: "1"
          "on": "yes"
        annotations:
          summary: "{{ $labels.job }}: bad"
      - record: a:b
        expr: |-
          sum(
            x
          )
`);
});
