import { Link } from "@tanstack/react-router";

import { traceMetrics } from "../../api/tempo";
import { Failure } from "../../components/status";
import { useAnswer } from "../../components/useAnswer";
import { WaitingLine } from "../../components/Waiting";
import { differences } from "../../lib/difference";
import { tracesPlace } from "../../lib/links";
import type { TimeRange } from "../../lib/time";
import { formatValue } from "../../lib/units";
import classes from "./evidence.module.css";

/** What failed spans have in common that others do not have; nothing where no span failed. */
export function Different({ query, range }: { query: string; range: TimeRange }) {
  // The search may be narrowed to failed spans already; the others are what to compare with.
  const all = query.replace(/\s*\|\s*\{\s*status\s*=\s*error\s*\}\s*$/, "");
  const answer = useAnswer(
    ["alert", "compare", all],
    ({ signal }) => {
      const [start, end] = [Math.floor(range.from / 1000), Math.ceil(range.to / 1000)];
      return traceMetrics({ query: `${all} | compare({ status = error }, 10)`, start, end }, Math.max(end - start, 60), signal);
    },
    { over: range },
  );
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="The comparison" />;
  const found = differences(answer.data ?? []);
  if (found.length === 0) return <WaitingLine of={answer} />;
  return (
    <section className={classes.part} aria-label="What is different">
      <h3 className={classes.heading}>What is different in the spans that failed</h3>
      <ul className={classes.differences}>
        {found.map((one) => (
          <li key={`${one.attribute} ${one.value}`}>
            <Link {...tracesPlace(`${all} | { status = error && ${one.attribute} = ${literal(one.value)} }`, range)}>
              {one.attribute.replace(/^(?:resource|span)\./, "")}={one.value}
            </Link>{" "}
            <b>{formatValue(one.selection, "percentunit", 0)}</b> <span className={classes.muted}>vs {formatValue(one.baseline, "percentunit", 0)}</span>
          </li>
        ))}
      </ul>
      <WaitingLine of={answer} />
    </section>
  );
}

function literal(value: string): string {
  return /^(?:\d+(?:\.\d+)?|true|false)$/.test(value) ? value : JSON.stringify(value);
}
