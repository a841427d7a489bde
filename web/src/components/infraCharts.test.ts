import { expect, test } from "vitest";

import type { Profile } from "../api/services";
import { readPromQL } from "../lib/promql/tree";
import { infraCharts } from "./infraCharts";

const profile = (pods: string[], hosts: string[]): Profile => ({ name: "a.b", spans: true, logs: true, namespaces: [], environments: [], languages: [], versions: [], instances: 1, pods, hosts });

test.each([
  ["nothing known", undefined, ["CPU, in cores", "Memory", "Restarts"]],
  ["pods", profile(["p-1", "p-2"], []), ["CPU, in cores", "Memory", "Restarts"]],
  ["hosts", profile([], ["h.1"]), ["CPU, in cores", "Memory", "Restarts", "CPU of its hosts", "Memory of its hosts"]],
])("of a service with %s there are charts that PromQL can read", (_, known, titles) => {
  const charts = infraCharts('a.b"c', known);
  expect(charts.map(({ title }) => title)).toEqual(titles);
  for (const { query } of charts) expect(readPromQL(query.replaceAll("$__rate_interval", "1m")), query).toBeDefined();
});

test("names are taken as they are, not as patterns", () => {
  const [cpu] = infraCharts("a.b", profile(["p.1"], []));
  expect(cpu?.query).toContain('job=~"(.+/)?a\\\\.b"');
  expect(cpu?.query).toContain('pod=~"p\\\\.1"');
});

test("pods are asked for only where they are known", () => {
  expect(infraCharts("a", undefined)[0]?.query).not.toContain("pod");
});
