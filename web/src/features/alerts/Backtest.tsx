import { Button, Select } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { backtest, type Backtest as Question } from "../../api/alertdesk";
import { LabelPills } from "../../components/LabelPills";
import { Failure } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { formatTime } from "../../lib/timeFormat";
import { formatValue } from "../../lib/units";
import { Lanes } from "./Lanes";
import classes from "./alerts.module.css";

const spans = [
  { value: "1", label: "day", interval: "30s" },
  { value: "7", label: "7 days", interval: "1m" },
  { value: "30", label: "30 days", interval: "5m" },
];
const day = 86_400_000;

/** How often a rule would have fired in the past, and when. */
export function Backtest({ of }: { of: Question }) {
  const { zone } = useTime();
  const [days, setDays] = useState("7");
  const span = spans.find((one) => one.value === days) ?? spans[1];
  const run = useMutation({
    mutationFn: async (question: Question) => {
      const to = Date.now();
      const from = to - Number(days) * day;
      // TraceQL is asked again for each evaluation, of which there may be 500.
      const interval = question.signal === "traces" ? `${Math.ceil((Number(days) * 86_400) / 480)}s` : span?.interval;
      return { range: { from, to }, asked: JSON.stringify(question), words: span?.label ?? "", answer: await backtest({ ...question, start: new Date(from).toISOString(), ...(interval ? { interval } : {}) }) };
    },
  });
  const stale = run.data !== undefined && run.data.asked !== JSON.stringify(of);
  return (
    <div className={classes.backtest}>
      <div className={classes.actions}>
        <Button size="compact-sm" variant="default" disabled={of.expr.trim() === ""} loading={run.isPending} onClick={() => run.mutate(of)}>
          Back-test
        </Button>
        over the last
        <Select size="xs" w={100} aria-label="Back-test over" allowDeselect={false} data={spans.map(({ value, label }) => ({ value, label }))} value={days} onChange={(value) => setDays(value ?? "7")} />
      </div>
      {run.isError && <Failure error={run.error} what="The back-test" />}
      {run.data && !stale && (
        <div role="status">
          <p className={classes.verdict}>
            Would have fired <b>{run.data.answer.count} times</b> in the last {run.data.words}
            {run.data.answer.count > 0 && `, for ${formatValue(run.data.answer.total, "s")} in all and ${formatValue(run.data.answer.longest, "s")} at the longest`}.
            {run.data.answer.truncated && " Not all of it is listed."}
          </p>
          {run.data.answer.alerts.length > 0 && (
            <Lanes
              label="Firing periods"
              range={run.data.range}
              zone={zone}
              lanes={run.data.answer.alerts.slice(0, 12).map((alert) => ({
                key: JSON.stringify(alert.labels),
                name: <LabelPills labels={alert.labels} omit={["alertname"]} />,
                words: Object.entries(alert.labels)
                  .map(([name, value]) => `${name}=${value}`)
                  .join(" "),
                periods: alert.periods.map((one) => ({ from: Date.parse(one.start), to: Date.parse(one.end), level: "error" as const, title: `${formatTime(Date.parse(one.start), zone)} to ${formatTime(Date.parse(one.end), zone)}` })),
              }))}
            />
          )}
        </div>
      )}
    </div>
  );
}
