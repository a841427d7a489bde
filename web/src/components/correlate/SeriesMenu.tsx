import type { MatrixSeries } from "../../api/prom";
import { summarise } from "../../lib/align";
import type { Labels } from "../../lib/labels";
import { CorrelateMenu } from "./CorrelateMenu";

interface SeriesMenuProps {
  series: MatrixSeries;
  name: string;
  /** The PromQL that it is an answer to. */
  query: string;
  /** What the chart is about besides what the series' labels say. */
  about: Labels;
  stepMs: number;
}

/** Where else is told of what a series is about, at the time of its largest value. */
export function SeriesMenu({ series, name, query, about, stepMs }: SeriesMenuProps) {
  const subject = () => {
    const { max } = summarise(series.values);
    const seconds = series.times[series.values.findLastIndex((value) => value === max && max !== null)];
    return { kind: "series" as const, labels: { ...series.labels, ...about }, query, stepMs, time: seconds === undefined ? undefined : seconds * 1000, value: max ?? undefined };
  };
  return <CorrelateMenu label={`More about ${name}`} subject={subject} />;
}
