import { Link } from "@tanstack/react-router";

import { listPatterns } from "../../api/patterns";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { levelToken } from "../../lib/colour";
import { logsPlace, servicePlace } from "../../lib/links";
import { levelFromName } from "../../lib/logLines";
import { errorLevels, errorLogsOf, logsOf } from "../../lib/service";
import { clockOf, msToNano } from "../../lib/timeFormat";
import { group } from "../../lib/units";
import classes from "./services.module.css";

interface ErrorLinesProps {
  service: string;
  /** Only so many, the most frequent. */
  top?: number;
}

/** What a service logs as errors, by the shape of the lines, the most frequent first. */
export function ErrorLines({ service, top }: ErrorLinesProps) {
  const { range, zone } = useTime();
  const query = errorLogsOf(service);
  const answer = useAnswer(["services", "error lines", service], ({ signal }) => listPatterns({ query, start: msToNano(range.from), end: msToNano(range.to) }, signal));
  const patterns = answer.data ?? [];
  return (
    <Panel
      title={top === undefined ? "Error lines by their shape" : "Top error lines by their shape"}
      flush
      of={answer}
      actions={
        <>
          {top !== undefined && patterns.length > top && <Link {...servicePlace(service, "errors")}>All {patterns.length}</Link>}
          <Link {...logsPlace(query)}>Error logs</Link>
        </>
      }
    >
      {answer.isPending ? (
        <Loading what="error lines" />
      ) : answer.isError ? (
        <div className={classes.padded}>
          <Failure error={answer.error} retry={answer.refetch} what="Asking for shapes of error lines" />
        </div>
      ) : patterns.length === 0 ? (
        <Empty title="No line tells of an error in this range" height={84} />
      ) : (
        <ul className={classes.list} data-whole={top === undefined || undefined} aria-label="Shapes of error lines">
          {patterns.slice(0, top).map((one) => (
            <li key={`${one.level} ${one.pattern}`} className={classes.item}>
              <div className={classes.itemHead}>
                <span className={classes.count} style={{ color: levelToken(levelFromName(one.level)) }}>
                  {group(one.count)}
                  <span aria-hidden="true">×</span>
                </span>
                <Link className={classes.message} title={one.pattern} {...logsPlace(`${logsOf(service)} |> ${JSON.stringify(one.pattern)} | ${errorLevels}`)}>
                  {one.pattern}
                </Link>
                <span className={classes.when}>first {clockOf(one.first * 1000, zone)}</span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
