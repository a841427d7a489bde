import { describe, expect, test } from "vitest";

import { layoutMap, type Link } from "./serviceMap";

const grid = { column: 100, row: 10 };
const calls = (...pairs: string[]): Link[] =>
  pairs.map((pair) => {
    const [from = "", to = ""] = pair.split(">");
    return { from, to };
  });
const namesOf = (links: readonly Link[]) => links.flatMap(({ from, to }) => [from, to]);
const layout = (...pairs: string[]) => layoutMap(namesOf(calls(...pairs)), calls(...pairs), grid);
/** Number of pairs of straight links between two columns that cross. */
const crossings = ({ routes }: ReturnType<typeof layoutMap>): number => {
  const parts = routes.flatMap((route) => route.slice(1).map((to, index) => ({ from: route[index]!, to })));
  let count = 0;
  parts.forEach((a, i) =>
    parts.slice(i + 1).forEach((b) => {
      if (a.from.x === b.from.x && a.to.x === b.to.x && (a.from.y - b.from.y) * (a.to.y - b.to.y) < 0) count++;
    }),
  );
  return count;
};

describe("layoutMap", () => {
  test("of nothing has no size", () => expect(layoutMap([], [], grid)).toEqual({ width: 0, height: 0, nodes: new Map(), routes: [] }));

  test("puts callers left of what they call", () => {
    const { nodes, width, height } = layout("shop>cart", "cart>db", "shop>payment");
    expect([nodes.get("shop")?.x, nodes.get("cart")?.x, nodes.get("payment")?.x, nodes.get("db")?.x]).toEqual([50, 150, 150, 250]);
    expect([width, height]).toEqual([300, 20]);
  });

  test("leads a long call around the nodes between its ends", () => {
    const { nodes, routes } = layout("a>b", "b>c", "a>c");
    expect(routes[2]).toHaveLength(3);
    expect(routes[2]?.[1]?.x).toBe(nodes.get("b")?.x);
    expect(routes[2]?.[1]?.y).not.toBe(nodes.get("b")?.y);
  });

  test("gives a link that passes a column less room than a node, if it is to", () => {
    const links = calls("a>b", "b>c", "a>c");
    const { height, nodes, routes } = layoutMap(namesOf(links), links, { ...grid, lane: 2 });
    expect(height).toBe(12);
    expect(Math.abs((nodes.get("b")?.y ?? 0) - (routes[2]?.[1]?.y ?? 0))).toBe(6);
  });

  test.each([
    ["two that call each other", ["a>b", "b>a"], 2],
    ["a circle behind an entry", ["in>a", "a>b", "b>c", "c>a"], 4],
    ["one that calls itself", ["a>a", "a>b"], 2],
  ])("ends for %s", (_, pairs, columns) => {
    const { nodes, width, routes } = layout(...pairs);
    expect(width).toBe(columns * grid.column);
    expect(new Set([...nodes.values()].map((at) => `${at.x} ${at.y}`)).size).toBe(nodes.size);
    expect(routes.map((route) => route.length > 0)).toEqual(pairs.map(() => true));
  });

  test("cuts a circle where the calls come back, not at its entry", () => {
    const { nodes } = layout("z>a", "a>b", "b>z");
    const x = (name: string) => nodes.get(name)!.x;
    // Nobody is uncalled here, so that the first name is the entry.
    expect(x("a")).toBeLessThan(x("b"));
    expect(x("b")).toBeLessThan(x("z"));
  });

  test("undoes crossings", () => expect(crossings(layout("a>z", "b>y", "c>x", "a>y"))).toBe(0));

  test("is the same whatever the order of its input", () => {
    const links = calls("a>b", "a>c", "b>d", "c>d", "d>e", "a>e", "c>b");
    const forth = layoutMap(namesOf(links), links, grid);
    const back = layoutMap(namesOf(links).toReversed(), links.toReversed(), grid);
    expect(back.nodes).toEqual(forth.nodes);
    expect(back.routes.toReversed()).toEqual(forth.routes);
  });

  test("draws a node without calls, and ignores calls of nodes it does not show", () => {
    const { nodes, routes } = layoutMap(["alone"], calls("ghost>alone"), grid);
    expect(nodes).toEqual(new Map([["alone", { x: 50, y: 5 }]]));
    expect(routes).toEqual([[]]);
  });

  test("has 200 nodes", () => {
    const links = Array.from({ length: 600 }, (_, i) => ({ from: `s${(i * 7) % 200}`, to: `s${(i * 13 + 5) % 200}` }));
    const { nodes } = layoutMap(namesOf(links), links, grid);
    expect(nodes.size).toBe(200);
  });
});
