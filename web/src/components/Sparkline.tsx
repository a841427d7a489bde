import { summarise } from "../lib/align";

interface SparklineProps {
  values: readonly (number | null)[];
  /** A theme token's name, such as "accent". */
  token?: string;
  width?: number;
  height?: number;
}

/** The course of a value as a line without axes. Decoration beside a number: hidden from assistive technology. */
export function Sparkline({ values, token = "accent", width = 88, height = 20 }: SparklineProps) {
  const { max } = summarise(values);
  const top = max === null || max <= 0 ? 1 : max;
  const x = (index: number): number => (values.length < 2 ? 0 : (index / (values.length - 1)) * width);
  const y = (value: number): number => height - 1 - (Math.max(value, 0) / top) * (height - 2);
  let path = "";
  let pen = "M";
  values.forEach((value, index) => {
    if (value === null || Number.isNaN(value)) {
      pen = "M";
      return;
    }
    path += `${pen}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  });
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <path d={path} fill="none" stroke={`var(--o-${token})`} strokeWidth="1.25" strokeLinejoin="round" />
    </svg>
  );
}
