import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { cancelQuery, runningQueries, slowQueries, type EndedQuery, type RunningQuery } from "../../api/queries";
import { Panel } from "../../components/Panel";
import { StateBadge } from "../../components/StateBadge";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswerNow } from "../../components/useAnswerNow";
import { logsPlace, metricsPlace, tracesPlace, type Place } from "../../lib/links";
import { age, formatTime } from "../../lib/timeFormat";
import { formatValue, group } from "../../lib/units";
import classes from "./data.module.css";

/** Queries that run now, with a way to end them, and those that were slow or failed. */
export function QueriesTab() {
  const { tick } = useTime();
  // What runs changes by itself: it is asked for anew while somebody looks.
  const running = useQuery({ queryKey: ["queries", "active", tick], queryFn: ({ signal }) => runningQueries(signal), refetchInterval: 2000 });
  const slow = useAnswerNow(["queries", "slow"], ({ signal }) => slowQueries(signal));
  return (
    <>
      <Panel title="Running now" flush actions={<span className={classes.muted}>{running.data ? group(running.data.length) : ""}</span>}>
        {running.isPending ? (
          <Loading height={80} what="running queries" asked={[["queries", "active", tick]]} />
        ) : running.isError ? (
          <Failure error={running.error} retry={running.refetch} what="Asking what runs" />
        ) : running.data.length === 0 ? (
          <Empty title="No query runs at the moment" height={80} />
        ) : (
          <ul className={classes.refused} aria-label="Running queries">
            {running.data.map((one) => (
              <li key={one.id}>
                <Running query={one} />
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Panel title="Slow and failed" flush of={slow} actions={slow.data && <span className={classes.muted}>{`${formatValue(slow.data.slowSeconds, "s")} and longer, or failed; the newest ${group(slow.data.kept)} since the start`}</span>}>
        {slow.isPending ? (
          <Loading height={160} what="slow queries" />
        ) : slow.isError ? (
          <Failure error={slow.error} retry={slow.refetch} what="Asking for slow queries" />
        ) : slow.data.queries.length === 0 ? (
          <Empty title="No query was slow, and none failed" height={120} />
        ) : (
          <ul className={classes.refused} aria-label="Slow queries">
            {slow.data.queries.map((one) => (
              <li key={one.id}>
                <Ended query={one} />
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </>
  );
}

function Running({ query }: { query: RunningQuery }) {
  const client = useQueryClient();
  const cancel = useMutation({ mutationFn: () => cancelQuery(query.id), onSettled: () => client.invalidateQueries({ queryKey: ["queries"] }) });
  return (
    <>
      <div className={classes.refusedHead}>
        <StateBadge tone="info">{query.language}</StateBadge>
        <b>{formatValue(query.seconds, "s")}</b>
        <Asker query={query} />
        <span className={classes.when}>
          <Button size="compact-xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            Cancel
          </Button>
        </span>
      </div>
      <code className={classes.query}>{query.query}</code>
      {cancel.isError && <span className={classes.fault}>{cancel.error.message}</span>}
    </>
  );
}

function Ended({ query }: { query: EndedQuery }) {
  const { zone } = useTime();
  const began = Date.parse(query.began);
  const failed = query.status >= 400 && !query.left;
  return (
    <>
      <div className={classes.refusedHead}>
        <StateBadge tone={query.cancelled ? "muted" : failed ? "error" : "warn"}>{query.cancelled ? "cancelled" : failed ? `failed (${query.status})` : "slow"}</StateBadge>
        <b>{formatValue(query.seconds, "s")}</b>
        <span>{query.language}</span>
        <span className={classes.muted}>{query.left ? "its client did not wait" : `answer of ${formatValue(query.bytes, "bytes")}`}</span>
        <Asker query={query} />
        <span className={classes.when} title={formatTime(began, zone)}>
          <Link {...placeOf(query)}>Open</Link> · {age(began, Date.now())}
        </span>
      </div>
      <code className={classes.query}>{query.query}</code>
    </>
  );
}

function Asker({ query }: { query: RunningQuery }) {
  return (
    <span className={classes.muted} title={query.path}>
      {query.user ? `${query.user} at ` : ""}
      {query.client}
    </span>
  );
}

function placeOf({ language, query }: RunningQuery): Place {
  if (language === "logql") return logsPlace(query);
  return language === "traceql" ? tracesPlace(query) : metricsPlace(query);
}
