import { expect, test } from "vitest";

import { prefixTree, treeRows } from "./prefixTree";

const names = ["up", "http_server_a", "http_server_b", "http_server_c", "http_x", "go_gc_a", "go_gc_b", "go_gc_c"];

test("names that begin with the same words stand together, few of them as they are", () => {
  const tree = prefixTree(names);
  expect(tree.groups.map((one) => [one.label, one.prefix, one.count])).toEqual([
    ["http_", "http_", 4],
    ["go_gc_", "go_gc_", 3],
  ]);
  expect(tree.groups[0]?.groups[0]).toMatchObject({ label: "server_", names: ["http_server_a", "http_server_b", "http_server_c"] });
  expect(tree.names).toEqual(["up"]);
});

test("only what is in open groups is in sight", () => {
  const tree = prefixTree(names);
  const text = (open: string[]) => treeRows(tree, new Set(open)).map((row) => `${row.depth}${"name" in row ? row.name : row.group.label}`);
  expect(text([])).toEqual(["0http_", "0go_gc_", "0up"]);
  expect(text(["http_"])).toEqual(["0http_", "1server_", "1http_x", "0go_gc_", "0up"]);
});

test("dots and colons part words as well", () => {
  expect(prefixTree(["a.b", "a.c", "a.d", "j:x", "j:y", "j:z"]).groups.map((one) => one.prefix)).toEqual(["a.", "j:"]);
});
