import type { Selection } from "./formats";
import type { Scope, ScopeValue } from "./interpolate";
import { gridColumns } from "./migrateRows";
import type { GridPos, PanelModel, RowModel, Section } from "./model";

/** A panel as it stands on the page: of a repeated one, one of its copies. */
export interface PlacedPanel {
  /** Unique on the page, and stable while the values it is repeated for stay. */
  key: string;
  panel: PanelModel;
  /** Rows counted from the top of its section. */
  pos: GridPos;
  /** Variables with the values of this copy. */
  scope: Scope;
}

/** A section as it stands on the page. */
export interface PlacedSection {
  key: string;
  row: RowModel | null;
  scope: Scope;
  panels: PlacedPanel[];
  /** In grid rows. */
  height: number;
}

const none: Scope = new Map();

/** Sections with all copies of repeated rows and panels, laid out. `selection` gives a variable's values. */
export function placeSections(sections: readonly Section[], selection: (name: string) => Selection | undefined): PlacedSection[] {
  return sections.flatMap((section) => {
    const row = section.row;
    const copies = row && row.repeat !== "" ? scopesFor(row.repeat, selection) : [];
    if (copies.length === 0) return [placeSection(section, `row-${row?.id ?? 0}`, none, selection)];
    return copies.map(({ scope, id }) => placeSection(section, `row-${row?.id ?? 0}-${id}`, scope, selection));
  });
}

function placeSection(section: Section, key: string, scope: Scope, selection: (name: string) => Selection | undefined): PlacedSection {
  const panels = settle(section.panels.flatMap((panel) => placePanel(panel, key, scope, selection)));
  return { key, row: section.row, scope, panels, height: Math.max(0, ...panels.map(({ pos }) => pos.y + pos.h)) };
}

interface Copy extends PlacedPanel {
  /** Rows that the copies of its panel push what is below it. */
  pushes: number;
}

function placePanel(panel: PanelModel, section: string, outer: Scope, selection: (name: string) => Selection | undefined): Copy[] {
  const copies = panel.repeat === "" ? [] : scopesFor(panel.repeat, (name) => asSelection(outer.get(name)) ?? selection(name));
  if (copies.length === 0) return [{ key: `${section}/${panel.id}`, panel, pos: panel.gridPos, scope: outer, pushes: 0 }];
  const { x, y, w, h } = panel.gridPos;
  const perRow = Math.max(1, Math.min(copies.length, panel.maxPerRow));
  const width = Math.floor(gridColumns / perRow);
  const lines = panel.repeatDirection === "v" ? copies.length : Math.ceil(copies.length / perRow);
  return copies.map(({ scope, id }, index) => ({
    key: `${section}/${panel.id}-${id}`,
    panel,
    scope: new Map([...outer, ...scope]),
    pos:
      panel.repeatDirection === "v"
        ? { x, y: y + index * h, w, h }
        : { x: (index % perRow) * width, y: y + Math.floor(index / perRow) * h, w: width, h },
    pushes: index === copies.length - 1 ? (lines - 1) * h : 0,
  }));
}

/** One scope per value of a variable; none when it has no values. */
function scopesFor(name: string, selection: (name: string) => Selection | undefined): { scope: Scope; id: string }[] {
  const chosen = selection(name);
  if (!chosen) return [];
  const values = Array.isArray(chosen.value) ? chosen.value : [chosen.value];
  const texts = Array.isArray(chosen.text) ? chosen.text : [];
  return values
    .filter((value) => value !== "")
    .map((value, index) => ({ id: value, scope: new Map<string, ScopeValue>([[name, { value, text: texts[index] ?? value }]]) }));
}

function asSelection(value: ScopeValue): Selection | undefined {
  return typeof value === "object" && value !== null && "value" in value && "text" in value ? (value as Selection) : undefined;
}

/**
 * Counts rows from the section's top, moves what is below a repeated panel down by the copies' height, and closes the gaps
 * above: a panel rises until it meets another.
 */
function settle(copies: readonly Copy[]): PlacedPanel[] {
  const top = Math.min(...copies.map(({ panel }) => panel.gridPos.y));
  const ordered = copies.toSorted((a, b) => a.panel.gridPos.y - b.panel.gridPos.y || a.panel.gridPos.x - b.panel.gridPos.x);
  const pushed = ordered.map((copy) => {
    const above = ordered.filter((one) => one.pushes > 0 && one.panel !== copy.panel && one.panel.gridPos.y < copy.panel.gridPos.y);
    const by = above.reduce((sum, one) => sum + one.pushes, 0);
    return { copy, pos: { ...copy.pos, y: copy.pos.y - top + by } };
  });
  const floor = Array<number>(gridColumns).fill(0);
  return pushed
    .toSorted((a, b) => a.pos.y - b.pos.y || a.pos.x - b.pos.x)
    .map(({ copy, pos }) => {
      const under = floor.slice(pos.x, pos.x + pos.w);
      const y = Math.max(0, ...under);
      floor.fill(y + pos.h, pos.x, pos.x + pos.w);
      const { pushes: _, ...placed } = copy;
      return { ...placed, pos: { ...pos, y } };
    });
}
