import type { Cell } from "../lib/dashboard/frame";
import { translucent } from "../lib/dashboard/colour";
import { trendPath } from "./trendPath";

interface TrendProps {
  times: readonly Cell[];
  values: readonly Cell[];
  width: number;
  height: number;
  colour: string;
  /** Ends of the scale, where the field has them. */
  min?: number | undefined;
  max?: number | undefined;
  /** Of the area below the line, 0 to 1. */
  fill?: number;
}

/** The course of a value behind or beside it, without axes. Decoration: hidden from assistive technology. */
export function Trend({ times, values, width, height, colour, min, max, fill = 0.2 }: TrendProps) {
  const { line, area } = trendPath(times, values, { width, height, min, max });
  if (line === "") return null;
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {fill > 0 && <path d={area} fill={translucent(colour, fill)} />}
      <path d={line} fill="none" stroke={colour} strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  );
}
