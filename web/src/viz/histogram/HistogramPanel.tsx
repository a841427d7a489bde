import { useMemo, useState } from "react";

import { Legend } from "../../components/chart/Legend";
import { useSize } from "../../components/useSize";
import { translucent } from "../../lib/dashboard/colour";
import { displayer, type Look } from "../../lib/dashboard/display";
import { seriesOf, type Series } from "../../lib/dashboard/displaySeries";
import type { Cell, Field, Frame } from "../../lib/dashboard/frame";
import { num, obj, str, type Obj } from "../../lib/dashboard/json";
import { histogram } from "../../lib/dashboard/transformCalculate";
import { formatParts, formatValue, isBinary, joinValue } from "../../lib/units";
import axis from "../axis/axis.module.css";
import { roundTicks } from "../axis/ticks";
import { CardRow, HoverCard, Mark, type Spot } from "../HoverCard";
import { legendLook, namesOnly } from "../legend/legendOptions";
import { useLook } from "../look";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import { textEm } from "../tiles";
import classes from "../viz.module.css";

const nothing: ReadonlySet<string> = new Set();

/** Counts of values by how large they are. */
export function HistogramPanel({ title, frames, options, timeZone }: PanelProps) {
  const look = useLook(timeZone);
  const data = useMemo(() => readHistogram(frames, options, look), [frames, options, look]);
  const [hidden, setHidden] = useState(nothing);
  const [hover, setHover] = useState<{ row: number; spot: Spot } | null>(null);
  const { ref, width, height } = useSize();
  if (!data) return <NoData />;
  const legend = legendLook(options);
  const shown = data.series.filter((one, index) => !hidden.has(`${index} ${one.name}`));
  const edge = (value: Cell | undefined): string => joinValue(formatParts(Number(value ?? NaN), data.low.config.unit ?? "short", data.low.config.decimals));
  return (
    <div className={classes.panel} data-legend={legend.form === "none" ? undefined : legend.place}>
      <div ref={ref} className={classes.plot} role="img" aria-label={`${title === "" ? "Histogram" : title}: ${data.low.values.length} buckets from ${edge(data.low.values[0])} to ${edge(data.high.values.at(-1))}`}>
        {width > 0 && height > 0 && <Buckets data={data} shown={shown} width={width} height={height} onHover={(row, spot) => setHover(row === undefined ? null : { row, spot })} />}
      </div>
      <Legend items={data.series.map((one, index) => ({ key: `${index} ${one.name}`, name: one.name, stroke: one.stroke, cells: [] }))} look={namesOnly(legend)} hidden={hidden} onHidden={setHidden} />
      {hover && str(obj(options.tooltip).mode) !== "none" && (
        <HoverCard at={hover.spot}>
          <div className={classes.cardHead}>
            {edge(data.low.values[hover.row])} to {edge(data.high.values[hover.row])}
          </div>
          {shown.map((one) => (
            <CardRow key={one.name} mark={<Mark colour={one.stroke.colour} />} name={one.name} value={joinValue(displayer(one.field, look, { min: 0, max: 1 })(one.field.values[hover.row] ?? null))} />
          ))}
        </HoverCard>
      )}
    </div>
  );
}

interface HistogramData {
  low: Field;
  high: Field;
  series: Series[];
}

/** Buckets that the data has already, as the transformation makes them, or those counted here. */
function readHistogram(frames: readonly Frame[], options: Obj, look: Look): HistogramData | undefined {
  const edge = (frame: Frame, ...names: string[]): Field | undefined => frame.fields.find((field) => names.includes(field.name));
  const ready = frames.find((frame) => edge(frame, "xMin", "BucketMin") && edge(frame, "xMax", "BucketMax"));
  const frame = ready ?? histogram(frames, { bucketSize: options.bucketSize, bucketOffset: options.bucketOffset, bucketCount: options.bucketCount, combine: options.combine })[0];
  const low = frame && edge(frame, "xMin", "BucketMin");
  const high = frame && edge(frame, "xMax", "BucketMax");
  if (!frame || !low || !high) return undefined;
  return { low, high, series: seriesOf([{ ...frame, fields: frame.fields.filter((field) => field !== low && field !== high) }], look) };
}

interface BucketsProps {
  data: HistogramData;
  shown: readonly Series[];
  width: number;
  height: number;
  onHover(row: number | undefined, spot: Spot): void;
}

function Buckets({ data: { low, high }, shown, width, height, onHover }: BucketsProps) {
  const [from, to] = [Number(low.values[0] ?? 0), Number(high.values.at(-1) ?? 1)];
  const most = Math.max(1, ...shown.flatMap(({ field }) => field.values.map((value) => Number(value ?? 0))));
  const counts = roundTicks(0, most * 1.06, Math.max(2, Math.floor(height / 44))).filter(Number.isInteger);
  const left = Math.max(...counts.map((tick) => textEm(formatValue(tick)) * 11), 16) + 8;
  const box = { left, top: 6, width: width - left - 16, height: height - 26 };
  const x = (value: number): number => box.left + ((value - from) / (to - from || 1)) * box.width;
  const y = (count: number): number => box.top + box.height - (count / (most * 1.06)) * box.height;
  const unit = low.config.unit ?? "short";
  const edges = roundTicks(from, to, Math.max(2, Math.floor(box.width / 80)), isBinary(unit));
  return (
    <svg
      width={width}
      height={height}
      aria-hidden="true"
      onMouseMove={(event) => {
        const at = from + ((event.clientX - event.currentTarget.getBoundingClientRect().left - box.left) / box.width) * (to - from);
        const row = low.values.findIndex((value, index) => at >= Number(value) && at < Number(high.values[index]));
        onHover(row < 0 ? undefined : row, { x: event.clientX, y: event.clientY });
      }}
      onMouseLeave={() => onHover(undefined, { x: 0, y: 0 })}
    >
      {counts.map((tick) => (
        <g key={tick}>
          <line className={axis.grid} x1={box.left} x2={box.left + box.width} y1={y(tick)} y2={y(tick)} />
          <text className={axis.tick} x={box.left - 6} y={y(tick) + 4} textAnchor="end">
            {formatValue(tick)}
          </text>
        </g>
      ))}
      {edges.map((tick) => (
        <text key={tick} className={axis.tick} x={x(tick)} y={height - 4} textAnchor="middle">
          {formatValue(tick, unit)}
        </text>
      ))}
      {shown.map((one) =>
        one.field.values.map((value, row) => {
          const [begin, end] = [x(Number(low.values[row])), x(Number(high.values[row]))];
          const top = y(Number(value ?? 0));
          const fill = Math.min(Math.max((num(one.field.config.custom?.fillOpacity) ?? 80) / 100 / (shown.length > 1 ? 1.6 : 1), 0.05), 1);
          // Buckets never change places.
          // oxlint-disable-next-line react/no-array-index-key
          return <rect key={`${one.name} ${row}`} x={begin + 0.5} y={top} width={Math.max(end - begin - 1, 0.5)} height={box.top + box.height - top} fill={translucent(one.stroke.colour, fill)} stroke={one.stroke.colour} />;
        }),
      )}
    </svg>
  );
}
