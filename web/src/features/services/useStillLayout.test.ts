// @vitest-environment jsdom
import { renderHook } from "@testing-library/react";
import { expect, test } from "vitest";

import type { Flow, Station } from "./graph";
import { useStillLayout } from "./useStillLayout";

const station = (name: string): Station => ({ name, type: "service", rate: 1, errorRatio: 0 });
const flow = (from: string, to: string): Flow => ({ from, to, rate: 1, errorRatio: 0, edges: [] });
const all = { stations: ["a", "b", "c", "d"].map(station), flows: [flow("a", "b"), flow("b", "c"), flow("a", "d")], view: "x" };
const render = () => renderHook(({ stations, flows, view }: typeof all) => useStillLayout(stations, flows, view), { initialProps: all });

test("what is left keeps its place when a node and its calls are gone", () => {
  const { result, rerender } = render();
  const before = result.current;
  rerender({ ...all, stations: all.stations.filter(({ name }) => name !== "b"), flows: all.flows.slice(2) });
  expect(result.current.nodes).toEqual(before.nodes);
  expect(result.current.routes).toEqual([before.routes[2]]);
});

test("another view begins anew", () => {
  const { result, rerender } = render();
  rerender({ stations: [station("a"), station("d")], flows: [flow("a", "d")], view: "y" });
  expect([...result.current.nodes.keys()]).toEqual(["a", "d"]);
});

test("a new node finds a place among the others", () => {
  const { result, rerender } = render();
  rerender({ ...all, stations: [...all.stations, station("e")], flows: [...all.flows, flow("d", "e")] });
  expect([...result.current.nodes.keys()]).toEqual(["a", "b", "c", "d", "e"]);
  expect(result.current.routes).toHaveLength(4);
});
