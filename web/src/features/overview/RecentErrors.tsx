import { Link } from "@tanstack/react-router";

import { queryLogs } from "../../api/loki";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { logsPlace, tracePlace } from "../../lib/links";
import { readTextFields } from "../../lib/logFields";
import { traceOf, type LogLine } from "../../lib/logLines";
import { errorLevels, errorLogsOf, serviceOf } from "../../lib/service";
import { clockOf, formatNano, msToNano, nanoToMs } from "../../lib/timeFormat";
import classes from "./overview.module.css";

const query = `{service_name=~".+"} | ${errorLevels}`;
const limit = 15;

/** The newest error lines of all services, each with the way to its trace. */
export function RecentErrors() {
  const { range, zone } = useTime();
  const errors = useAnswer(["overview", "errors"], async ({ signal }) => {
    const answer = await queryLogs({ query, start: msToNano(range.from), end: msToNano(range.to) }, { limit, direction: "backward" }, signal);
    return answer.kind === "lines" ? answer.lines : [];
  });
  return (
    <Panel title="Recent errors" flush of={errors} actions={<Link {...logsPlace(query)}>Open in Logs</Link>}>
      {errors.isPending ? (
        <Loading height={160} what="recent errors" />
      ) : errors.isError ? (
        <div className={classes.padded}>
          <Failure error={errors.error} retry={errors.refetch} what="Looking for errors" />
        </div>
      ) : errors.data.length === 0 ? (
        <Empty title="No error lines in this range" hint="Lines of level error or fatal would be here." height={96} />
      ) : (
        <ul className={classes.list} aria-label="Recent error lines">
          {errors.data.map((line) => (
            <li key={line.id} className={classes.item}>
              <ErrorLine line={line} zone={zone} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** What a line says: the message of a structured one, else all of it. */
function message(line: string): string {
  const { fields } = readTextFields(line);
  return fields.msg ?? fields.message ?? fields.error ?? line;
}

function ErrorLine({ line, zone }: { line: LogLine; zone: string }) {
  const service = serviceOf(line.labels);
  const trace = traceOf(line);
  return (
    <>
      <div className={classes.itemHead}>
        <time className={classes.time} title={formatNano(line.ts, zone)}>
          {clockOf(nanoToMs(line.ts), zone)}
        </time>
        <Link {...logsPlace(errorLogsOf(service))}>{service}</Link>
        {trace && (
          <Link {...tracePlace(trace.traceId, trace.spanId)} className={classes.when}>
            trace
          </Link>
        )}
      </div>
      <div className={classes.line} title={line.line}>
        {message(line.line)}
      </div>
    </>
  );
}
