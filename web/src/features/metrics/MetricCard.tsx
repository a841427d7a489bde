import { useMemo, type ReactNode } from "react";

import { queryInstant, queryRange, type MatrixSeries } from "../../api/prom";
import { TimeSeries, type ChartSeries } from "../../components/chart/TimeSeries";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { useInSight } from "../../components/useInSight";
import { fillMacros } from "../../lib/macros";
import { writeSelector, type PromMatcher } from "../../lib/promql/tree";
import { pickStep } from "../../lib/step";
import { group } from "../../lib/units";
import { browseQuery, type Family } from "./defaultQuery";
import { guessUnit } from "./paneSeries";
import classes from "./metrics.module.css";

const points = 120;
const height = 110;

/** The unit of what `browseQuery` asks for. */
export function browseUnit({ name, kind, meta }: Family): string {
  if (kind === "counter") return guessUnit(`rate(${name})`);
  if (meta?.unit === "seconds") return "s";
  if (meta?.unit === "bytes") return "bytes";
  return guessUnit(name);
}

/** A series of the answer to `browseQuery`, by what it is called there. */
export function browseSeries({ labels, times, values }: MatrixSeries, family: Family): ChartSeries {
  const { by, above } = browseQuery(family, []);
  const name = labels[by] ?? family.name;
  return { name, times, values, above: above?.[name] };
}

/** A box with a small chart, asked for when it comes into sight. */
export function Card({ title, note, onOpen, actions, children }: { title: string; note?: string; onOpen: () => void; actions?: ReactNode; children: ReactNode }) {
  return (
    <article className={classes.card} aria-label={title}>
      <header className={classes.cardHead}>
        <button type="button" className={classes.cardTitle} title={title} onClick={onOpen}>
          {title}
        </button>
        {note && <span className={classes.caption}>{note}</span>}
        {actions}
      </header>
      {children}
    </article>
  );
}

/** One metric at a glance. */
export function MetricCard({ family, matchers, onOpen }: { family: Family; matchers: readonly PromMatcher[]; onOpen: () => void }) {
  const [ref, seen] = useInSight<HTMLDivElement>();
  return (
    <Card title={family.name} note={family.kind} onOpen={onOpen}>
      <div ref={ref} style={{ minHeight: height }}>
        {seen && (family.kind === "info" ? <InfoRows family={family} matchers={matchers} /> : <SmallChart family={family} matchers={matchers} />)}
      </div>
    </Card>
  );
}

function SmallChart({ family, matchers }: { family: Family; matchers: readonly PromMatcher[] }) {
  const { range, zone, zoomTo } = useTime();
  const { query } = browseQuery(family, matchers);
  const answer = useAnswer(["prom", "card", query], ({ signal }) => queryRange({ query: fillMacros(query, range, pickStep(range, points)), range, points }, signal));
  const series = useMemo<ChartSeries[]>(() => (answer.data?.series ?? []).map((one) => browseSeries(one, family)), [answer.data, family]);
  if (answer.isPending) return <Loading as="chart" height={height} what={family.name} asked={answer.asked} />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} />;
  if (series.length === 0) return <Empty title="No data" height={height} />;
  return <TimeSeries label={family.name} series={series} range={range} zone={zone} unit={browseUnit(family)} height={height} legend="none" onZoom={zoomTo} syncKey="browse" />;
}

function InfoRows({ family, matchers }: { family: Family; matchers: readonly PromMatcher[] }) {
  const { range } = useTime();
  const selector = writeSelector(family.name, matchers);
  const answer = useAnswer(["prom", "info", selector], ({ signal }) => queryInstant(selector, range.to, signal));
  if (answer.isPending) return <Loading as="chart" height={height} what={family.name} asked={answer.asked} />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} />;
  if (answer.data.length === 0) return <Empty title="No data" height={height} />;
  return (
    <ul className={classes.info}>
      {answer.data.slice(0, 4).map(({ labels: { __name__: _, ...labels } }) => {
        const text = Object.entries(labels).map(([name, value]) => `${name}=${value}`).join("  ");
        return (
          <li key={text} title={text}>
            {text}
          </li>
        );
      })}
      {answer.data.length > 4 && <li>{group(answer.data.length - 4)} more</li>}
    </ul>
  );
}
