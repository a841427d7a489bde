/**
 * A frame is a table by columns, as Grafana's data frames are: what a query
 * answered, before and after transformations. Everything between an API's
 * answer and a panel is frames.
 */
export interface Frame {
  /** The refId of the query that answered it. */
  refId: string;
  /** Name of the frame, e.g. the legend of a series; empty when there is none. */
  name: string;
  /** Columns of equal length. */
  fields: Field[];
  meta?: FrameMeta;
}

export type FieldType = 'time' | 'number' | 'string' | 'bool' | 'trace' | 'json';

/** A cell: null is "no value"; times are milliseconds since 1970 (may have a fraction). */
export type Cell = number | string | boolean | null | object;

export interface Field {
  name: string;
  type: FieldType;
  values: Cell[];
  /** Labels of the series that a number column holds. */
  labels?: Record<string, string>;
  /** fieldConfig.defaults of the panel with its overrides applied; empty until then. */
  config: FieldConfig;
}

export interface FrameMeta {
  executedQuery?: string;
  /** The answer's shape: decides what a heatmap, a table or a trace view does with it. */
  type?: 'timeseries' | 'table' | 'heatmap' | 'logs' | 'trace' | 'nodes' | 'edges' | 'exemplars';
  notices?: { severity: 'info' | 'warning' | 'error'; text: string }[];
}

/** The part of Grafana's FieldConfig that panels read; `custom` belongs to the panel type. */
export interface FieldConfig {
  displayName?: string;
  displayNameFromDS?: string;
  unit?: string;
  decimals?: number;
  min?: number;
  max?: number;
  noValue?: string;
  color?: { mode: string; fixedColor?: string; seriesBy?: 'last' | 'min' | 'max' };
  thresholds?: { mode: 'absolute' | 'percentage'; steps: { value: number | null; color: string }[] };
  mappings?: ValueMapping[];
  links?: DataLink[];
  filterable?: boolean;
  custom?: Record<string, unknown>;
}

export interface MappingResult {
  text?: string;
  color?: string;
  index?: number;
}

export type ValueMapping =
  | { type: 'value'; options: Record<string, MappingResult> }
  | { type: 'range'; options: { from: number | null; to: number | null; result: MappingResult } }
  | { type: 'regex'; options: { pattern: string; result: MappingResult } }
  | { type: 'special'; options: { match: 'true' | 'false' | 'null' | 'nan' | 'null+nan' | 'empty'; result: MappingResult } };

export interface DataLink {
  title: string;
  url: string;
  targetBlank?: boolean;
}
