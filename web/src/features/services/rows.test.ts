import { expect, test } from "vitest";

import type { Profile, ServiceRed } from "../../api/services";
import { serviceRows, shortList, valuesOf } from "./rows";

const numbers = { calls: 1, errors: 0, rate: 1, errorRatio: 0, p50: null, p95: null, p99: null, apdex: null, mean: null };
const service = (name: string): ServiceRed => ({ name, entry: true, ...numbers });
const profile = (name: string, namespaces: string[] = []): Profile => ({ name, spans: true, logs: true, namespaces, environments: [], languages: [], versions: [], instances: 1, pods: [], hosts: [] });
const edge = (client: string, server: string, type = "") => ({ client, server, type, ...numbers });

test("services without spans come after those with numbers", () => {
  const rows = serviceRows([service("b"), service("a")], [profile("a"), profile("quiet")], undefined);
  expect(rows.map((row) => [row.name, row.red !== undefined, row.profile !== undefined])).toEqual([
    ["b", true, false],
    ["a", true, true],
    ["quiet", false, true],
  ]);
  expect(rows[0]?.dependencies).toBeUndefined();
});

test("whom a service calls counts once, however it does", () => {
  const map = { nodes: [], edges: [edge("a", "b"), edge("a", "b", "messaging_system"), edge("a", "db", "database")] };
  expect(serviceRows([service("a"), service("b")], [], map).map(({ dependencies }) => dependencies)).toEqual([2, 0]);
});

test("values are told once, in order", () => expect(valuesOf(serviceRows([], [profile("a", ["x"]), profile("b", ["x", "n"])], undefined), (one) => one.namespaces)).toEqual(["n", "x"]));

test.each([
  [[], ""],
  [["a", "b"], "a, b"],
  [["a", "b", "c", "d"], "a, b +2"],
])("%j is %j in short", (values, want) => expect(shortList(values)).toBe(want));
