import { describe, expect, test } from "vitest";

import type { MapEdge, ServiceRed } from "../../api/services";
import { around, serviceGraph, shareToken } from "./graph";

const red = (calls: number, errors = 0) => ({ calls, errors, rate: calls / 100, errorRatio: calls === 0 ? 0 : errors / calls, p50: 0.01, p95: 0.1, p99: 0.2, apdex: null });
const edge = (client: string, server: string, type: string, calls: number, errors = 0): MapEdge => ({ client, server, type, ...red(calls, errors) });
const service = (name: string, calls: number, errors = 0): ServiceRed => ({ name, entry: true, ...red(calls, errors) });
const map = {
  nodes: [
    { name: "cart", type: "service" },
    { name: "redis", type: "database" },
    { name: "shop", type: "service" },
    { name: "user", type: "virtual_node" },
  ],
  edges: [edge("user", "shop", "virtual_node", 400), edge("shop", "cart", "", 100, 10), edge("shop", "cart", "messaging_system", 300), edge("cart", "redis", "database", 50, 5)],
};

describe("serviceGraph", () => {
  const graph = serviceGraph(map, [service("shop", 1000, 50), service("lonely", 10)]);
  const station = (name: string) => graph.stations.find((one) => one.name === name);

  test("makes one flow of calls of several kinds, and keeps them apart within it", () => {
    expect(graph.flows.map(({ from, to, rate, errorRatio, edges }) => [from, to, rate, errorRatio, edges.length])).toEqual([
      ["user", "shop", 4, 0, 1],
      ["shop", "cart", 4, 0.025, 2],
      ["cart", "redis", 0.5, 0.1, 1],
    ]);
  });

  test("tells a service's own numbers, and of others what their callers saw", () => {
    expect(station("shop")).toMatchObject({ rate: 10, errorRatio: 0.05 });
    expect(station("redis")).toMatchObject({ rate: 0.5, errorRatio: 0.1 });
    expect(station("cart")).toMatchObject({ rate: 4, errorRatio: 0.025 });
    expect(station("user")).toMatchObject({ rate: null, errorRatio: null });
  });

  test("has services that neither call nor are called", () => expect(station("lonely")).toMatchObject({ type: "service", rate: 0.1 }));

  test("narrows to what is found and its neighbours", () => {
    const { stations, flows } = around(graph, " CAR ");
    expect(stations.map((one) => one.name)).toEqual(["cart", "redis", "shop"]);
    expect(flows).toHaveLength(2);
    expect(around(graph, "")).toBe(graph);
    expect(around(graph, "nothing such")).toEqual({ stations: [], flows: [] });
  });
});

test.each([
  [null, undefined],
  [0.0099, undefined],
  [0.01, "warn"],
  [0.05, "error"],
])("a failed share of %s is %s", (share, token) => expect(shareToken(share)).toBe(token));
