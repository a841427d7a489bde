import { QueryStats } from "../../components/inspect/QueryStats";
import { useTime } from "../../components/time/TimeContext";
import { fillMacros } from "../../lib/macros";
import { alignRange } from "../../lib/step";
import { counted, formatValue, group } from "../../lib/units";
import type { QueryAnswer } from "./usePaneData";
import classes from "./metrics.module.css";

interface QueryCostProps {
  query: string;
  expression: boolean;
  answer: QueryAnswer;
  stepMs: number;
}

/** How many series a query has and what it took, with the way to the rest of its account; an expression has series alone. */
export function QueryCost({ query, expression, answer, stepMs }: QueryCostProps) {
  const { range } = useTime();
  const series = counted(answer.series.length, "series", "series");
  if (expression) return <span className={classes.caption}>{series}</span>;
  const grid = alignRange(range, stepMs);
  const params = { query: fillMacros(query, range, stepMs), start: grid.from / 1000, end: grid.to / 1000, step: stepMs / 1000 };
  const samples = answer.series.reduce((sum, one) => sum + one.values.reduce<number>((count, value) => count + Number(value !== null), 0), 0);
  const { tookMs, spent } = answer.of ?? {};
  const parts = [
    ...(tookMs === undefined ? [] : [formatValue(tookMs / 1000, "s")]),
    series,
    counted(samples, "point"),
    ...(spent && spent.samples > 0 ? [`${formatValue(spent.samples)} samples read`] : []),
    ...(spent && spent.kept > 0 ? [`${group(Math.floor((spent.kept / spent.steps) * 100))} % kept from before`] : []),
  ];
  return <QueryStats parts={parts} of={{ path: "/api/v1/query_range", params }} />;
}
