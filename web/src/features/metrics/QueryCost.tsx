import { QueryStats } from "../../components/inspect/QueryStats";
import { useTime } from "../../components/time/TimeContext";
import { fillMacros } from "../../lib/macros";
import { alignRange, pickStep } from "../../lib/step";
import { counted, formatValue } from "../../lib/units";
import { points, type QueryAnswer } from "./usePaneData";
import classes from "./metrics.module.css";

/** How many series a query has and how long it took, with the way to the rest of its account; an expression has series alone. */
export function QueryCost({ query, expression, answer }: { query: string; expression: boolean; answer: QueryAnswer }) {
  const { range } = useTime();
  const series = counted(answer.series.length, "series", "series");
  if (expression) return <span className={classes.caption}>{series}</span>;
  const stepMs = pickStep(range, points);
  const grid = alignRange(range, stepMs);
  const params = { query: fillMacros(query, range, stepMs), start: grid.from / 1000, end: grid.to / 1000, step: stepMs / 1000 };
  const samples = answer.series.reduce((sum, one) => sum + one.values.reduce<number>((count, value) => count + Number(value !== null), 0), 0);
  return <QueryStats parts={[...(answer.tookMs === undefined ? [] : [formatValue(answer.tookMs / 1000, "s")]), series, counted(samples, "point")]} of={{ path: "/api/v1/query_range", params }} />;
}
