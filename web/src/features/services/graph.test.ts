import { describe, expect, test } from "vitest";

import type { MapEdge, ServiceRed } from "../../api/services";
import { around, grouped, serviceGraph, shareToken, within } from "./graph";

const red = (calls: number, errors = 0) => ({ calls, errors, rate: calls / 100, errorRatio: calls === 0 ? 0 : errors / calls, p50: 0.01, p95: 0.1, p99: 0.2, apdex: null });
const edge = (client: string, server: string, type: string, calls: number, errors = 0): MapEdge => ({ client, server, type, ...red(calls, errors), mean: null });
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

describe("within", () => {
  const graph = serviceGraph({ nodes: [], edges: [edge("a", "b", "", 1), edge("b", "c", "", 1), edge("c", "d", "", 1), edge("x", "a", "", 1), edge("y", "z", "", 1)] }, ["a", "b", "c", "d", "x", "y", "z"].map((name) => service(name, 1)));
  test.each([
    ["a", 0, ["a"]],
    ["a", 1, ["a", "b", "x"]],
    ["a", 2, ["a", "b", "c", "x"]],
    ["a", Infinity, ["a", "b", "c", "d", "x"]],
    ["nobody", 2, []],
  ])("%s and %s calls either way", (focus, hops, names) => expect(within(graph, focus, hops).stations.map(({ name }) => name)).toEqual(names));

  test("has the calls among what is shown, and no other", () => expect(within(graph, "a", 1).flows.map(({ from, to }) => `${from}>${to}`)).toEqual(["a>b", "x>a"]));
});

describe("grouped", () => {
  const namespaces: Record<string, string> = { a: "shop", b: "shop", c: "bank", d: "post", e: "post" };
  const edges = [edge("a", "b", "", 100), edge("a", "c", "", 100, 50), edge("b", "c", "", 100), edge("c", "db", "database", 10), edge("c", "d", "", 10), edge("c", "e", "", 10)];
  const graph = serviceGraph({ nodes: [{ name: "db", type: "database" }], edges }, [service("a", 100, 100), service("b", 300), service("c", 100), service("d", 10), service("e", 10)]);
  const namespaceOf = (name: string) => namespaces[name];

  test("makes one node of the services of a namespace, with their numbers together", () => {
    const { stations, flows } = grouped(graph, namespaceOf, new Set());
    expect(stations.map(({ name, namespace, rate, errorRatio }) => [namespace ? `${namespace.name} ${namespace.size}` : name, rate, errorRatio])).toEqual([
      ["db", 0.1, 0],
      ["c", 1, 0],
      ["shop 2", 4, 0.25],
      ["post 2", 0.2, 0],
    ]);
    expect(flows.map((flow) => [flow.rate, flow.errorRatio, flow.edges.length])).toEqual([
      [2, 0.25, 2],
      [0.1, 0, 1],
      [0.2, 0, 2],
    ]);
  });

  test("leaves open namespaces as they are", () => {
    const { stations } = grouped(graph, namespaceOf, new Set(["shop"]));
    expect(stations.map(({ name, namespace }) => namespace?.name ?? name)).toEqual(["db", "a", "b", "c", "post"]);
  });
});

test.each([
  [null, undefined],
  [0.0099, undefined],
  [0.01, "warn"],
  [0.05, "error"],
])("a failed share of %s is %s", (share, token) => expect(shareToken(share)).toBe(token));
