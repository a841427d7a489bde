import { readSource } from "./datasource";
import { bool, compact, isObj, list, num, obj, objs, str, strs, type Obj } from "./json";
import { migratePanel } from "./migratePanel";
import { gridColumns, placePanels, rowsToPanels } from "./migrateRows";
import type {
  AnnotationModel,
  Dashboard,
  DashboardInput,
  DashboardLink,
  GridPos,
  PanelLink,
  PanelModel,
  Section,
  Target,
} from "./model";
import { readVariables } from "./readVariables";

/**
 * The dashboard in a JSON of any classic version, migrated in memory; `raw` is not changed. `library` has what its library
 * panels contain, by their uids; without it they are what came with the dashboard.
 */
export function readDashboard(raw: Obj, library: Obj = elementsOf(raw)): Dashboard {
  const placed = placePanels(rowsToPanels(raw));
  const tooltip = num(raw.graphTooltip);
  const time = obj(raw.time);
  return {
    uid: str(raw.uid),
    title: str(raw.title, "Untitled"),
    description: str(raw.description),
    tags: strs(raw.tags),
    editable: raw.editable !== false,
    timezone: str(raw.timezone),
    refresh: refreshOf(raw.refresh),
    time: { from: str(time.from, "now-6h"), to: str(time.to, "now") },
    graphTooltip: tooltip === 1 || tooltip === 2 ? tooltip : bool(raw.sharedCrosshair) ? 1 : 0,
    schemaVersion: num(raw.schemaVersion) ?? 0,
    variables: readVariables(objs(obj(raw.templating).list)),
    annotations: objs(obj(raw.annotations).list).map(readAnnotation),
    links: objs(raw.links).map(readLink),
    inputs: objs(raw["__inputs"]).map(readInput),
    sections: sectionsOf(objs(placed.panels), library),
  };
}

function refreshOf(value: unknown): string {
  const text = str(value);
  return /^\d+(ms|s|m|h|d)$/.test(text) || text === "auto" ? text : "";
}

const noElements: Obj = {};

/** What library panels contain, by uid: as an export has it, unless the server's library has it. */
export function elementsOf(raw: Obj, kept: Obj = noElements): Obj {
  const own = isObj(raw["__elements"]) ? raw["__elements"] : noElements;
  return Object.keys(kept).length === 0 ? own : { ...own, ...kept };
}

const known = new WeakMap<Obj, { elements: Obj; panel: PanelModel }>();

/** The panel in a JSON, as read before if it has been: a step of an edit changes one of hundreds. */
function panelOf(source: Obj, elements: Obj): PanelModel {
  const before = known.get(source);
  if (before?.elements === elements) return before.panel;
  const panel = readPanel(source, elements);
  known.set(source, { elements, panel });
  return panel;
}

/** Panels under their headings. Those of an open row follow it; a folded row holds its own. */
function sectionsOf(panels: readonly Obj[], elements: Obj): Section[] {
  const byPlace = panels.toSorted((a, b) => {
    const [p, q] = [readPos(a.gridPos), readPos(b.gridPos)];
    return p.y - q.y || p.x - q.x;
  });
  const sections: Section[] = [{ row: null, panels: [] }];
  for (const panel of byPlace) {
    if (panel.type !== "row") {
      sections.at(-1)?.panels.push(panelOf(panel, elements));
      continue;
    }
    sections.push({
      row: { id: num(panel.id) ?? 0, title: str(panel.title), collapsed: bool(panel.collapsed), repeat: str(panel.repeat), y: readPos(panel.gridPos).y },
      panels: objs(panel.panels).map((one) => panelOf(one, elements)),
    });
  }
  return sections.filter((section) => section.row !== null || section.panels.length > 0);
}

export function readPos(value: unknown): GridPos {
  const pos = obj(value);
  const w = Math.min(gridColumns, Math.max(1, Math.round(num(pos.w) ?? 12)));
  return {
    w,
    h: Math.max(1, Math.round(num(pos.h) ?? 8)),
    x: Math.min(gridColumns - w, Math.max(0, Math.round(num(pos.x) ?? 0))),
    y: Math.max(0, Math.round(num(pos.y) ?? 0)),
  };
}

/** One panel of a dashboard, of any age. A library panel's content comes from `elements`. */
export function readPanel(source: Obj, elements: Obj = {}): PanelModel {
  const library = obj(source.libraryPanel);
  const named = str(library.uid) || str(library.name);
  const panel = migratePanel(withLibrary(source, elements));
  const config = obj(panel.fieldConfig);
  const type = str(panel.type, "timeseries");
  const legacy = str(source.type);
  return compact({
    id: num(panel.id) ?? 0,
    type,
    legacyType: legacy !== "" && legacy !== type ? legacy : undefined,
    title: str(panel.title),
    description: str(panel.description),
    gridPos: readPos(panel.gridPos),
    datasource: readSource(panel.datasource),
    targets: readTargets(panel),
    options: obj(panel.options),
    fieldConfig: { defaults: obj(config.defaults), overrides: objs(config.overrides) },
    transformations: objs(panel.transformations).filter((one) => !bool(one.disabled)),
    transparent: bool(panel.transparent),
    links: objs(panel.links).map(readPanelLink),
    interval: str(panel.interval),
    maxDataPoints: num(panel.maxDataPoints),
    timeFrom: str(panel.timeFrom),
    timeShift: str(panel.timeShift),
    hideTimeOverride: bool(panel.hideTimeOverride),
    repeat: str(panel.repeat),
    repeatDirection: panel.repeatDirection === "v" ? "v" : "h",
    maxPerRow: num(panel.maxPerRow) ?? 4,
    library: named === "" ? undefined : str(library.name, named),
  } satisfies { [K in keyof PanelModel]: PanelModel[K] | undefined }) as PanelModel;
}

/** A panel's JSON with what the library has of it, on its own: `elements` are those of elementsOf. */
export function withLibrary(source: Obj, elements: Obj): Obj {
  const library = obj(source.libraryPanel);
  if (str(library.uid) === "" && str(library.name) === "") return source;
  const { libraryPanel: _, ...model } = { ...obj(obj(elements[str(library.uid)]).model), ...obj(library.model) };
  return { ...model, id: source.id, gridPos: source.gridPos, ...onlyGiven(source) };
}

/** What the dashboard says of a library panel itself, such as its title. */
function onlyGiven(source: Obj): Obj {
  return Object.fromEntries(Object.entries(source).filter(([key]) => ["title", "repeat", "repeatDirection", "maxPerRow"].includes(key)));
}

function readTargets(panel: Obj): Target[] {
  const taken = new Set(objs(panel.targets).map((target) => str(target.refId)));
  let next = 0;
  const free = (): string => {
    while (taken.has(letter(next))) next++;
    const name = letter(next);
    taken.add(name);
    return name;
  };
  return objs(panel.targets).map((target) => ({
    ...target,
    refId: str(target.refId) || free(),
    hide: bool(target.hide),
    // A target without a source of its own has the panel's.
    datasource: target.datasource === undefined || target.datasource === null ? readSource(panel.datasource) : readSource(target.datasource),
  }));
}

/** A, B, …, Z, AA: names of queries by their place. */
export function letter(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : letter(Math.floor(index / 26) - 1) + letter(index % 26);
}

function readPanelLink(link: Obj): PanelLink {
  return { title: str(link.title), url: str(link.url), targetBlank: bool(link.targetBlank) };
}

function readLink(link: Obj): DashboardLink {
  return {
    type: link.type === "dashboards" ? "dashboards" : "link",
    title: str(link.title),
    tooltip: str(link.tooltip),
    url: str(link.url),
    tags: strs(link.tags),
    asDropdown: bool(link.asDropdown),
    keepTime: bool(link.keepTime),
    includeVars: bool(link.includeVars),
    targetBlank: bool(link.targetBlank),
  };
}

function readAnnotation(one: Obj): AnnotationModel {
  const filter = isObj(one.filter) ? one.filter : null;
  return {
    name: str(one.name),
    enable: one.enable !== false,
    hide: bool(one.hide),
    builtIn: bool(one.builtIn),
    iconColor: str(one.iconColor, "#4C9BE8"),
    datasource: readSource(one.datasource),
    query: { ...one, ...(typeof obj(one.target).expr === "string" ? { expr: obj(one.target).expr } : {}) },
    filter: filter ? { exclude: bool(filter.exclude), ids: list(filter.ids).flatMap((id) => num(id) ?? []) } : null,
  };
}

function readInput(one: Obj): DashboardInput {
  return { name: str(one.name), label: str(one.label), type: str(one.type), pluginId: str(one.pluginId), value: str(one.value) };
}
