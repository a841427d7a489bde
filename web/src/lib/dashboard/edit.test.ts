import { describe, expect, it, test } from "vitest";

import legacyText from "../../../testdata/dashboards/legacy-rows.json?raw";
import modernText from "../../../testdata/dashboards/modern.json?raw";
import { arrange, within } from "./arrange";
import { diffDashboards, diffLines } from "./diff";
import { addPanel, addRow, changeRow, duplicatePanel, getIn, modernPanel, movePanel, onGrid, placePanel, placeRow, removePanel, removeRow, setIn, setInPanel, unlinkPanel, updatePanel } from "./edit";
import { num, obj, objs, type Obj } from "./json";
import { rawPanelOf } from "./rawPanel";
import { readDashboard } from "./read";

const modern = JSON.parse(modernText) as Obj;
const legacy = JSON.parse(legacyText) as Obj;
const places = (raw: Obj) => Object.fromEntries(objs(raw.panels).flatMap((panel) => [panel, ...objs(panel.panels)]).map((panel) => [num(panel.id), ["x", "y", "w", "h"].map((key) => obj(panel.gridPos)[key])]));
const box = (id: number, x: number, y: number, w: number, h: number, more: Obj = {}): Obj => ({ id, type: "stat", gridPos: { x, y, w, h }, ...more });

describe("arranging", () => {
  const items = [
    { id: 1, pos: { x: 0, y: 0, w: 12, h: 4 } },
    { id: 2, pos: { x: 12, y: 0, w: 12, h: 4 } },
    { id: 3, pos: { x: 0, y: 4, w: 24, h: 2 } },
  ];
  test.each([
    ["in the way of another", 1, { x: 12, y: 0, w: 12, h: 4 }, { 1: [12, 0], 2: [12, 4], 3: [0, 8] }],
    ["below all", 1, { x: 0, y: 20, w: 12, h: 4 }, { 1: [0, 6], 2: [12, 0], 3: [0, 4] }],
    ["wider", 1, { x: 0, y: 0, w: 18, h: 4 }, { 1: [0, 0], 2: [12, 4], 3: [0, 8] }],
    ["lower", 2, { x: 12, y: 0, w: 12, h: 2 }, { 1: [0, 0], 2: [12, 0], 3: [0, 4] }],
  ])("%s", (_, id, pos, expected) => {
    expect(Object.fromEntries(arrange(items, id, pos).map((item) => [item.id, [item.pos.x, item.pos.y]]))).toEqual(expected);
  });
  it("stays on the grid", () => {
    expect(within({ x: 20, y: -3, w: 30, h: 0 })).toEqual({ x: 0, y: 0, w: 24, h: 2 });
  });
});

describe("changes leave alone what they are not about", () => {
  it.each([1, 8, 10, 14])("a member of panel %s", (id) => {
    const next = setInPanel(modern, id, ["title"], "Renamed");
    const before = JSON.stringify(modern).replace(JSON.stringify(rawPanelOf(modern, id)), "@");
    expect(JSON.stringify(next).replace(JSON.stringify(rawPanelOf(next, id)), "@")).toBe(before);
    expect(rawPanelOf(next, id)).toEqual({ ...rawPanelOf(modern, id), title: "Renamed" });
  });

  it("moving a panel keeps the JSON of all but their places", () => {
    const next = placePanel(modern, 1, { x: 12, y: 0, w: 12, h: 8 });
    const strip = (raw: Obj) => objs(raw.panels).map(({ gridPos: _, ...rest }) => ({ ...rest, panels: objs(rest.panels).map(({ gridPos: _g, ...inner }) => inner) })).toSorted((a, b) => Number(obj(a).id) - Number(obj(b).id));
    expect(strip(next)).toEqual(strip(modern));
    expect(places(next)[1]).toEqual([12, 0, 12, 8]);
  });

  it("a dashboard on the grid is the same object", () => {
    expect(onGrid(modern)).toBe(modern);
    expect(modernPanel(obj(rawPanelOf(modern, 1)))).toBe(rawPanelOf(modern, 1));
  });
});

describe("old dashboards", () => {
  it("are laid out when a panel moves, their panels as they were", () => {
    const next = placePanel(legacy, 1, { x: 6, y: 0, w: 6, h: 4 });
    expect(next).not.toHaveProperty("rows");
    expect(rawPanelOf(next, 4)).toMatchObject({ type: "graph", yaxes: expect.any(Array) });
    expect(places(next)[1]).toEqual([6, 1, 6, 4]);
  });
  it("get the one panel migrated that is edited", () => {
    const next = setInPanel(legacy, 4, ["fieldConfig", "defaults", "unit"], "s");
    expect(rawPanelOf(next, 4)).toMatchObject({ type: "timeseries", fieldConfig: { defaults: { unit: "s", custom: { lineWidth: 2 } } } });
    expect(rawPanelOf(next, 1)).toBe(rawPanelOf(legacy, 1));
    expect(next).toHaveProperty("rows");
  });
});

describe("panels and rows", () => {
  const raw: Obj = { panels: [box(1, 0, 0, 12, 4), { id: 2, type: "row", title: "R", collapsed: false, gridPos: { x: 0, y: 4, w: 24, h: 1 }, panels: [] }, box(3, 0, 5, 12, 4), box(4, 12, 5, 12, 4)] };

  it("a row moves with its panels, in either direction", () => {
    const more = addRow(addRow(raw, "S"), "T");
    expect(places(placeRow(more, 2, 6))).toEqual({ 1: [0, 0, 12, 4], 5: [0, 4, 24, 1], 6: [0, 5, 24, 1], 2: [0, 6, 24, 1], 3: [0, 7, 12, 4], 4: [12, 7, 12, 4] });
    expect(places(placeRow(placeRow(more, 2, 6), 2, 5))).toEqual(places(more));
    expect(placeRow(more, 2, 2)).toBe(more);
    expect(placeRow(more, 99, 2)).toBe(more);
  });

  it("a panel moves to another section, below all or to a place", () => {
    expect(places(movePanel(raw, 1, 2))).toEqual({ 2: [0, 0, 24, 1], 3: [0, 1, 12, 4], 4: [12, 1, 12, 4], 1: [0, 5, 12, 4] });
    expect(places(movePanel(raw, 4, null, { x: 12, y: 0, w: 12, h: 4 }))).toEqual({ 1: [0, 0, 12, 4], 4: [12, 0, 12, 4], 2: [0, 4, 24, 1], 3: [0, 5, 12, 4] });
    expect(movePanel(raw, 3, 2)).toBe(raw);
    const folded = changeRow(raw, 2, { collapsed: true });
    expect(objs(objs(movePanel(folded, 1, 2).panels).find((one) => one.id === 2)?.panels).map((one) => one.id)).toEqual([3, 4, 1]);
  });

  it("a new panel stands at the top", () => {
    const { raw: next, id } = addPanel(raw, { type: "timeseries", title: "New" });
    expect(id).toBe(5);
    expect(places(next)).toEqual({ 1: [0, 8, 12, 4], 2: [0, 12, 24, 1], 3: [0, 13, 12, 4], 4: [12, 13, 12, 4], 5: [0, 0, 12, 8] });
    expect(addPanel({ title: "empty" }, { type: "text" }).raw.panels).toHaveLength(1);
  });

  it("a copy stands beside, or below", () => {
    expect(places(duplicatePanel(raw, 1).raw)[5]).toEqual([12, 0, 12, 4]);
    expect(places(duplicatePanel(raw, 4).raw)[5]).toEqual([12, 9, 12, 4]);
  });

  it("what is below rises when a panel goes", () => {
    expect(places(removePanel(raw, 1))).toEqual({ 2: [0, 0, 24, 1], 3: [0, 1, 12, 4], 4: [12, 1, 12, 4] });
  });

  it("a row folds with its panels, unfolds, is renamed and goes", () => {
    const folded = changeRow(raw, 2, { collapsed: true });
    expect(objs(folded.panels).map((panel) => panel.id)).toEqual([1, 2]);
    expect(objs(objs(folded.panels)[1]?.panels).map((panel) => panel.id)).toEqual([3, 4]);
    expect(places(changeRow(folded, 2, { collapsed: false }))).toEqual(places(raw));
    expect(changeRow(raw, 2, { title: "S", repeat: "job" }).panels).toContainEqual(expect.objectContaining({ title: "S", repeat: "job" }));
    expect(places(removeRow(raw, 2, false))).toEqual({ 1: [0, 0, 12, 4], 3: [0, 4, 12, 4], 4: [12, 0, 12, 4] });
    expect(places(removeRow(raw, 2, true))).toEqual({ 1: [0, 0, 12, 4] });
    expect(objs(addRow(raw, "Last").panels).at(-1)).toMatchObject({ type: "row", title: "Last", gridPos: { y: 9 } });
  });

  it("members are set and taken away by path", () => {
    expect(setIn({ a: [{ b: 1 }, 2], c: 3 }, ["a", 0, "b"], 5)).toEqual({ a: [{ b: 5 }, 2], c: 3 });
    expect(setIn({ a: [1, 2] }, ["a", 0], undefined)).toEqual({ a: [2] });
    expect(setIn({ a: { b: 1 }, c: 2 }, ["a", "b"], undefined)).toEqual({ a: {}, c: 2 });
    expect(setIn(undefined, ["x", "y"], 1)).toEqual({ x: { y: 1 } });
    expect(getIn({ a: [{ b: 1 }] }, ["a", 0, "b"])).toBe(1);
    expect(updatePanel(raw, 99, () => ({}))).toBe(raw);
  });
});

describe("differences", () => {
  it("are told by panel", () => {
    const after = setInPanel(removePanel(modern, 8), 1, ["title"], "Other");
    const diff = diffDashboards(modern, { ...after, tags: [] });
    expect(diff).toMatchObject({ added: [], removed: ["Same data as the first"], own: ["tags"] });
    expect(diff.changed.find((one) => one.title === "Other")?.what).toEqual(["title"]);
  });
  it("are told in words", () => {
    const before = { panels: [box(1, 0, 0, 4, 4), box(2, 4, 0, 4, 4), box(3, 8, 0, 4, 4)], templating: { list: [{ name: "job" }, { name: "old" }] } };
    const after = {
      panels: [box(1, 0, 4, 4, 4), box(2, 4, 0, 8, 4), box(3, 12, 0, 6, 4, { targets: [], fieldConfig: {} })],
      templating: { list: [{ name: "job", multi: true }, { name: "new" }] },
      time: {},
    };
    const diff = diffDashboards(before, after);
    expect(diff.changed.map((one) => one.what)).toEqual([["moved"], ["resized"], ["moved", "resized", "queries", "fields"]]);
    expect(diff.own).toEqual(["variable job", "variable old removed", "variable new added", "time range"]);
  });
  it("and by line, with what is around them", () => {
    const text = Array.from({ length: 20 }, (_, index) => `line ${index}`);
    const other = text.with(10, "changed").toSpliced(12, 0, "new");
    expect(diffLines(text.join("\n"), other.join("\n")).map((line) => `${line.kind[0]}${line.text}`)).toEqual([
      "s", "sline 7", "sline 8", "sline 9", "rline 10", "achanged", "sline 11", "anew", "sline 12", "sline 13", "sline 14", "s",
    ]);
    expect(diffLines("a\nb", "a\nb")).toEqual([{ kind: "skipped", text: "" }]);
  });
});

test("a step of an edit leaves the other panels as they were read", () => {
  const before = readDashboard(modern).sections.flatMap((section) => section.panels);
  const after = readDashboard(setInPanel(modern, before[0]?.id ?? 0, ["title"], "Other")).sections.flatMap((section) => section.panels);
  expect(after[0]?.title).toBe("Other");
  expect(after.slice(1).every((panel, index) => panel === before[index + 1])).toBe(true);
});

describe("awkward dashboards", () => {
  it("have panels of the library, which are their own from the first change on", () => {
    const raw: Obj = { __elements: { lib: { model: { type: "stat", title: "Shared", targets: [{ refId: "A", expr: "up" }] } } }, panels: [{ id: 5, gridPos: { x: 0, y: 0, w: 4, h: 4 }, libraryPanel: { uid: "lib", name: "Shared stat" } }] };
    const own = { id: 5, type: "stat", title: "Shared", targets: [{ refId: "A", expr: "up" }], gridPos: { x: 0, y: 0, w: 4, h: 4 } };
    expect(rawPanelOf(unlinkPanel(raw, 5), 5)).toEqual(own);
    expect(rawPanelOf(setInPanel(raw, 5, ["transparent"], true), 5)).toEqual({ ...own, transparent: true });
  });

  it("have two variables of one name", () => {
    const list = ["a", "b"].map((label) => ({ name: "cluster", type: "custom", label, query: label }));
    expect(readDashboard({ templating: { list }, panels: [] }).variables.map(({ label }) => label)).toEqual(["a"]);
  });

  it("have headings in headings, whose panels can be changed too", () => {
    const inner = { type: "row", id: 3, title: "Inner", gridPos: { x: 0, y: 9, w: 24, h: 1 }, panels: [box(4, 0, 10, 12, 4)] };
    const raw: Obj = { panels: [{ type: "row", id: 1, title: "Outer", collapsed: true, gridPos: { x: 0, y: 0, w: 24, h: 1 }, panels: [box(2, 0, 1, 12, 4), inner] }, { type: "row", id: 6, title: "Last", gridPos: { x: 0, y: 1, w: 24, h: 1 }, panels: [] }] };
    expect(readDashboard(raw).sections.map(({ row, panels }) => [row?.title, panels.map((panel) => panel.id)])).toEqual([
      ["Outer", [2]],
      ["Inner", [4]],
      ["Last", []],
    ]);
    expect(rawPanelOf(setInPanel(raw, 4, ["title"], "Deep"), 4)).toMatchObject({ title: "Deep" });
    const grid = onGrid(raw);
    expect(onGrid(grid)).toBe(grid);
  });
});
