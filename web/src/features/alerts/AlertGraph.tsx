import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { queryRange } from "../../api/prom";
import { TimeSeries, type ChartSeries } from "../../components/chart/TimeSeries";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { splitComparison } from "../../lib/alerts";
import { seriesNames } from "../../lib/labels";
import type { AlertingRule } from "./filter";
import classes from "./alerts.module.css";

const height = 140;

/** What an alerting rule looks at, over the page's range: the value and the line it is compared with. */
export function AlertGraph({ rule }: { rule: AlertingRule }) {
  const { range, zone, tick, zoomTo } = useTime();
  const comparison = splitComparison(rule.query);
  const query = comparison?.value ?? rule.query;
  const answer = useQuery({
    queryKey: ["prom", "alert", query, range, tick],
    queryFn: ({ signal }) => queryRange({ query, range, points: 240 }, signal),
  });
  const series = useMemo<ChartSeries[]>(() => {
    const found = answer.data?.series ?? [];
    const names = seriesNames(
      found.map((one) => one.labels),
      rule.name,
    );
    return found.map(({ times, values }, index) => ({ name: names[index] ?? "", times, values }));
  }, [answer.data, rule.name]);

  return (
    <div className={classes.graph} data-busy={answer.isPlaceholderData || undefined}>
      {answer.isPending ? (
        <Loading height={height} what="the graph" />
      ) : answer.isError ? (
        <Failure error={answer.error} retry={answer.refetch} what="The rule's expression" />
      ) : series.length === 0 ? (
        <Empty title="The expression has no value in this range" height={height} />
      ) : (
        <TimeSeries
          label={`Value of ${rule.name}`}
          series={series}
          range={range}
          zone={zone}
          height={height}
          thresholds={comparison ? [{ value: comparison.threshold }] : []}
          onZoom={zoomTo}
          syncKey="alerts"
        />
      )}
    </div>
  );
}
