import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { listErrors, type ErrorGroup } from "../../api/services";
import { Notice } from "../../components/Notice";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { failedTracesOf } from "../../lib/service";
import { tracePlace, tracesPlace } from "../../lib/links";
import { age, formatTime, nanoToMs } from "../../lib/timeFormat";
import { group } from "../../lib/units";
import classes from "./services.module.css";

// Sample traces named of each group.
const samples = 3;

/** The failed spans of a service by what failed, the most frequent first. */
export function ErrorGroups({ service }: { service: string }) {
  const { range, tick } = useTime();
  const errors = useQuery({ queryKey: ["services", "errors", service, range, tick], queryFn: ({ signal }) => listErrors(service, range, signal) });
  return (
    <Panel title="Errors" flush busy={errors.isPlaceholderData} actions={<Link {...tracesPlace(failedTracesOf(service))}>Failed traces</Link>}>
      {errors.isPending ? (
        <Loading what="errors" />
      ) : errors.isError ? (
        <div className={classes.padded}>
          <Failure error={errors.error} retry={errors.refetch} what="Asking for errors" />
        </div>
      ) : errors.data.groups.length === 0 ? (
        <Empty title="No span failed in this range" height={84} />
      ) : (
        <>
          {errors.data.partial && (
            <div className={classes.padded}>
              <Notice>There were more failed spans than are read at a time: only the newest are counted. Narrow the range to see the rest.</Notice>
            </div>
          )}
          <ul className={classes.list} aria-label="Errors">
            {errors.data.groups.map((one) => (
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
  const last = nanoToMs(error.last);
  return (
    <li className={classes.item}>
      <div className={classes.itemHead}>
        <span className={classes.count}>
          {group(error.count)}
          <span aria-hidden="true">×</span>
        </span>
        <span className={classes.strong}>{error.type || "Failed without an exception"}</span>
        <span title={error.example}>{error.message}</span>
        <time className={classes.when} title={`first ${formatTime(nanoToMs(error.first), zone)}, last ${formatTime(last, zone)}`}>
          last {age(last, Date.now())}
        </time>
      </div>
      <div className={classes.under}>
        <span>in {error.operation}</span>
        {error.at !== "" && <code>{error.at}</code>}
        {error.traces.slice(0, samples).map((id) => (
          <Link key={id} {...tracePlace(id)} aria-label={`Trace ${id}`}>
            {id.slice(0, 8)}
          </Link>
        ))}
      </div>
    </li>
  );
}
