import type { ComponentType } from "react";

import type { Frame } from "../lib/dashboard/frame";

/** The range that a panel shows, milliseconds since 1970. */
export interface PanelRange {
  from: number;
  to: number;
}

/** Something that happened at a moment or in a stretch of time, drawn over panels whose axis is time. */
export interface PanelMark {
  /** Milliseconds since 1970. */
  time: number;
  /** The end of a stretch. */
  timeEnd?: number;
  title: string;
  text: string;
  tags: readonly string[];
  /** A colour as dashboards name them. */
  colour: string;
  /** Id of the trace that it is. */
  trace?: string;
}

/**
 * What every panel is given. Frames are after transformations, with overrides
 * applied to each field's config; options are the panel's `options` from the
 * dashboard's JSON, not yet trusted.
 */
export interface PanelProps {
  /** Stable within the dashboard; names the element for the shared crosshair. */
  id: number;
  title: string;
  frames: Frame[];
  options: Record<string, unknown>;
  range: PanelRange;
  /** IANA name, or "browser" or "utc". */
  timeZone: string;
  width: number;
  height: number;
  /** 0 own, 1 shared crosshair, 2 shared tooltip: the dashboard's graphTooltip. */
  shared: 0 | 1 | 2;
  /**
   * Replaces variables and macros in text, e.g. in text panels and links; `scope` adds __field, __value and so on:
   * nested objects, so that `__field.labels.pod` and `__data.fields["pod"]` are found by their path.
   */
  interpolate: (text: string, scope?: Record<string, unknown>) => string;
  onZoom?: (range: PanelRange) => void;
  /** Narrows all panels of the dashboard by a label, where the dashboard has a place for that. */
  onFilter?: ((name: string, op: "=" | "!=", value: string) => void) | undefined;
  /** Of the dashboard's annotations, those that this panel shows. */
  marks?: readonly PanelMark[];
}

/** One panel type: its component, and the options it would have when newly added. */
export interface PanelType {
  id: string;
  name: string;
  component: ComponentType<PanelProps>;
  /** Loads its code ahead of the first panel. */
  load: () => Promise<unknown>;
  defaults: { options: Record<string, unknown>; fieldConfig: Record<string, unknown> };
}
