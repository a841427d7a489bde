import { useMemo } from "react";

import { backtest } from "../../api/alertdesk";
import { LabelPills } from "../../components/LabelPills";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { splitComparison } from "../../lib/alerts";
import type { Labels } from "../../lib/labels";
import { Texts } from "./Texts";
import type { Signal } from "./EvidenceGraph";
import classes from "./alerts.module.css";

interface TextPreviewProps {
  expr: string;
  signal: Signal;
  labels: Labels;
  /** Templates. */
  annotations: Labels;
}

const shown = 3;

/** How the texts of a rule would read for the values that it measures now, also where none of them is beyond the threshold. */
export function TextPreview({ expr, signal, labels, annotations }: TextPreviewProps) {
  const { range } = useTime();
  const measured = splitComparison(expr)?.value ?? expr;
  // The question is asked of the end of the page's range, to the minute: not again with every letter of another field.
  const end = Math.floor(range.to / 60_000) * 60_000;
  const over = useMemo(() => ({ from: end - 60_000, to: end }), [end]);
  const answer = useAnswer(
    ["alert", "texts", measured, signal, labels, annotations],
    () => backtest({ expr: measured, for: "0s", labels, signal, annotations, start: new Date(over.from).toISOString(), end: new Date(over.to).toISOString(), interval: "1m" }),
    { over },
  );
  if (answer.isPending) return <Loading height={60} what="the texts" asked={answer.asked} />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="Filling in the texts" />;
  const { alerts } = answer.data;
  if (alerts.length === 0) return <Empty title="The expression has no value now to fill in" height={60} />;
  return (
    <section aria-label="How it reads" className={classes.backtest}>
      <div className={classes.label}>As it would read for the values now{alerts.length > shown && `, the first ${shown} of ${alerts.length}`}</div>
      <ul className={classes.list}>
        {alerts.slice(0, shown).map((one) => (
          <li key={JSON.stringify(one.labels)} className={classes.rule}>
            <LabelPills labels={one.labels} omit={["alertname"]} />
            <Texts annotations={one.annotations ?? {}} />
          </li>
        ))}
      </ul>
    </section>
  );
}
