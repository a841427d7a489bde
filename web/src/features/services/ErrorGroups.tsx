import { Link } from "@tanstack/react-router";

import { listErrors, type ErrorGroup } from "../../api/services";
import { Notice } from "../../components/Notice";
import { Panel } from "../../components/Panel";
import { Sparkline } from "../../components/Sparkline";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { failedOperationOf, failedTracesOf } from "../../lib/service";
import { servicePlace, tracePlace, tracesPlace } from "../../lib/links";
import { age, clockOf, formatTime, nanoToMs } from "../../lib/timeFormat";
import { group } from "../../lib/units";
import classes from "./services.module.css";

// Sample traces named of each group.
const samples = 3;

interface ErrorGroupsProps {
  service: string;
  /** Only so many, the most frequent. */
  top?: number;
}

/** The failed spans of a service by what failed, the most frequent first. */
export function ErrorGroups({ service, top }: ErrorGroupsProps) {
  const { range } = useTime();
  const errors = useAnswer(["services", "errors", service], ({ signal }) => listErrors(service, range, signal));
  const groups = errors.data?.groups ?? [];
  return (
    <Panel
      title={top === undefined ? "Errors" : "Top errors"}
      flush
      of={errors}
      actions={
        <>
          {top !== undefined && groups.length > top && <Link {...servicePlace(service, "errors")}>All {groups.length}</Link>}
          <Link {...tracesPlace(failedTracesOf(service))}>Failed traces</Link>
        </>
      }
    >
      {errors.isPending ? (
        <Loading what="errors" />
      ) : errors.isError ? (
        <div className={classes.padded}>
          <Failure error={errors.error} retry={errors.refetch} what="Asking for errors" />
        </div>
      ) : groups.length === 0 ? (
        <Empty title="No span failed in this range" height={84} />
      ) : (
        <>
          {errors.data.partial && (
            <div className={classes.padded}>
              <Notice>There were more failed spans than are read at a time: only the newest are counted. Narrow the range to see the rest.</Notice>
            </div>
          )}
          <ul className={classes.list} data-whole={top === undefined || undefined} aria-label="Errors">
            {groups.slice(0, top).map((one) => (
              <Group key={JSON.stringify([one.type, one.at, one.message, one.operation])} error={one} />
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function Group({ error }: { error: ErrorGroup }) {
  const { zone } = useTime();
  const first = nanoToMs(error.first);
  const last = nanoToMs(error.last);
  return (
    <li className={classes.item}>
      <div className={classes.itemHead}>
        <span className={classes.count}>
          {group(error.count)}
          <span aria-hidden="true">×</span>
        </span>
        <span className={classes.strong}>{error.type || "Failed without an exception"}</span>
        <span className={classes.message} title={error.example}>
          {error.message}
        </span>
        <span className={classes.when}>
          <Sparkline values={error.trend} token="error" width={64} height={14} />
          <span>
            <time title={`first in this range ${formatTime(first, zone)}`}>first {clockOf(first, zone)}</time>
            {", "}
            <time title={`last ${formatTime(last, zone)}`}>last {age(last, Date.now())}</time>
          </span>
        </span>
      </div>
      <div className={classes.under}>
        <span>
          in <Link {...tracesPlace(failedOperationOf(error.service, error.operation))}>{error.operation}</Link>
        </span>
        {error.at !== "" && <code>{error.at}</code>}
        {error.traces.slice(0, samples).map((id) => (
          <Link key={id} {...tracePlace(id)} aria-label={`Trace ${id.slice(0, 8)}`}>
            {id.slice(0, 8)}
          </Link>
        ))}
      </div>
    </li>
  );
}
