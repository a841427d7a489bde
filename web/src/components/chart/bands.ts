import type uPlot from "uplot";

/** The room between two series, filled. */
export interface Fill {
  /** Indices of the series at its edges, from 0. */
  upper: number;
  lower: number;
  /** Any colour that a canvas takes. */
  colour: string;
}

/** Fills between series of which both are `shown`; one whose edge is hidden would reach to nowhere. */
export function fillBands(fills: readonly Fill[], shown: readonly boolean[]): uPlot.Band[] {
  // uPlot counts the times as its first series.
  return fills.filter(({ upper, lower }) => shown[upper] && shown[lower]).map(({ upper, lower, colour }) => ({ series: [upper + 1, lower + 1], fill: colour }));
}
