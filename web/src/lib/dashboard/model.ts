import type { Obj } from "./json";

/** Where a panel stands on the grid of 24 columns; `h` and `y` count rows of 30 px with gaps of 8 px. */
export interface GridPos {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** A data source as dashboards name it: by uid and type, by name, by a variable; null is the default one. */
export type SourceRef = string | { type?: string; uid?: string } | null;

/** One query of a panel. Its other members depend on the data source. */
export interface Target extends Obj {
  refId: string;
  hide: boolean;
  datasource: SourceRef;
}

/** A link as panels and series have it; its URL may hold variables. */
export interface PanelLink {
  title: string;
  url: string;
  targetBlank: boolean;
}

/** A panel after migration. */
export interface PanelModel {
  /** Unique in the dashboard. */
  id: number;
  type: string;
  /** The type in the JSON, where migration changed it. */
  legacyType?: string;
  title: string;
  description: string;
  gridPos: GridPos;
  datasource: SourceRef;
  targets: Target[];
  options: Obj;
  fieldConfig: { defaults: Obj; overrides: Obj[] };
  transformations: Obj[];
  transparent: boolean;
  links: PanelLink[];
  /** The shortest step, such as "1m" or ">1m". */
  interval: string;
  maxDataPoints?: number;
  /** A relative range of its own, such as "24h" or "now/d". */
  timeFrom: string;
  /** How far into the past its range is moved, such as "1d". */
  timeShift: string;
  hideTimeOverride: boolean;
  /** Name of the variable whose values it is repeated for; "" for none. */
  repeat: string;
  repeatDirection: "h" | "v";
  maxPerRow: number;
  /** Name of the library panel that its content is kept under. */
  library?: string;
}

/** A heading that folds the panels below it. */
export interface RowModel {
  id: number;
  title: string;
  collapsed: boolean;
  repeat: string;
  y: number;
}

/** Panels under one heading; the first section of a dashboard may have none. */
export interface Section {
  row: RowModel | null;
  panels: PanelModel[];
}

export type VariableType =
  | "query"
  | "custom"
  | "constant"
  | "interval"
  | "textbox"
  | "datasource"
  | "adhoc"
  | "groupby"
  | "system";

/** An entry of a variable's list. */
export interface VariableOption {
  text: string;
  value: string;
}

/** One `key operator value` of ad hoc filters. */
export interface AdhocFilter {
  key: string;
  operator: string;
  value: string;
}

/** A variable as the dashboard defines it. */
export interface VariableModel {
  name: string;
  type: VariableType;
  label: string;
  description: string;
  hide: "none" | "label" | "variable";
  multi: boolean;
  includeAll: boolean;
  /** What All stands for, instead of all values. */
  allValue: string;
  /** The query as its data source takes it; a text for most. */
  query: unknown;
  datasource: SourceRef;
  regex: string;
  sort: number;
  /** Whether the query is asked again when the time range changes. */
  refresh: "load" | "range";
  skipUrlSync: boolean;
  /** The selection saved with the dashboard. */
  current: { value: string[]; text: string[] };
  /** Options saved with the dashboard, for those that are not asked for. */
  options: VariableOption[];
  auto: boolean;
  autoCount: number;
  autoMin: string;
  filters: AdhocFilter[];
}

export interface DashboardLink {
  type: "link" | "dashboards";
  title: string;
  tooltip: string;
  url: string;
  tags: string[];
  asDropdown: boolean;
  keepTime: boolean;
  includeVars: boolean;
  targetBlank: boolean;
}

/** A query whose answers are drawn as marks over the charts. */
export interface AnnotationModel {
  name: string;
  enable: boolean;
  hide: boolean;
  builtIn: boolean;
  iconColor: string;
  datasource: SourceRef;
  /** Members depend on the data source: expr, step, titleFormat, textFormat, tagKeys, useValueForTime, target. */
  query: Obj;
  /** Panels it is drawn on: all, only `ids`, or all but `ids`. */
  filter: { exclude: boolean; ids: number[] } | null;
}

/** A placeholder for a data source, as exports for sharing have them. */
export interface DashboardInput {
  name: string;
  label: string;
  type: string;
  pluginId: string;
  value: string;
}

/** A dashboard after migration. */
export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  editable: boolean;
  /** "browser", "utc", an IANA name, or "" for what the reader prefers. */
  timezone: string;
  /** "" or a duration such as "30s". */
  refresh: string;
  time: { from: string; to: string };
  /** 0 own crosshair, 1 shared crosshair, 2 shared tooltip. */
  graphTooltip: 0 | 1 | 2;
  /** As the JSON has it: 14 to 42. */
  schemaVersion: number;
  variables: VariableModel[];
  annotations: AnnotationModel[];
  links: DashboardLink[];
  inputs: DashboardInput[];
  sections: Section[];
}
