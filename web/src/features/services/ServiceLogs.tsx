import { Link } from "@tanstack/react-router";

import { ofService, type ServiceEvidence } from "../../api/services";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { logsPlace, metricsPlace } from "../../lib/links";
import { errorLogsOf } from "../../lib/service";
import { clockOf, nanoToMs } from "../../lib/timeFormat";
import { counted, group } from "../../lib/units";
import classes from "./services.module.css";

// As many names of metrics as the server tells.
const mostNames = 200;
// Lines that fit here; the rest is a click away.
const mostLines = 20;

/** What a service logs, errors first, and the metrics it sends. */
export function ServiceLogs({ service }: { service: string }) {
  const { range } = useTime();
  const evidence = useAnswer(["services", "evidence", service], ({ signal }) => ofService(service, range, signal));
  return (
    <Panel
      title="Logs and metrics"
      flush
      of={evidence}
      actions={
        <>
          <Link {...logsPlace(errorLogsOf(service))}>Error lines</Link>
          {evidence.data && <Link {...logsPlace(evidence.data.logs.query)}>All lines</Link>}
        </>
      }
    >
      {evidence.isPending ? (
        <Loading what="logs and metrics" />
      ) : evidence.isError ? (
        <div className={classes.padded}>
          <Failure error={evidence.error} retry={evidence.refetch} what="Asking for logs and metrics" />
        </div>
      ) : (
        <Found {...evidence.data} />
      )}
    </Panel>
  );
}

function Found({ logs, metrics }: ServiceEvidence) {
  const { zone } = useTime();
  const own = metrics.filter((part) => part.names.length > 0);
  if (logs.count === 0 && own.length === 0) {
    return <Empty title="No lines and no metrics with this service's name" hint="Lines need the label service_name, metrics a job or service_name." height={84} />;
  }
  const levels = Object.entries(logs.levels).toSorted(([, a], [, b]) => b - a);
  return (
    <>
      <div className={classes.padded}>
        {counted(logs.count, "line")}{levels.length > 0 && `: ${levels.map(([level, count]) => `${group(count)} ${level}`).join(", ")}`}
        {own.map((part) => (
          <span key={part.service}>
            {" · "}
            {part.names.length >= mostNames ? `${group(mostNames)} or more` : group(part.names.length)} metrics:{" "}
            {part.selectors.map((selector, index) => (
              <span key={selector}>
                {index > 0 && " or "}
                <Link {...metricsPlace(`count by (__name__) (${selector})`)}>
                  <code>{selector}</code>
                </Link>
              </span>
            ))}
          </span>
        ))}
      </div>
      <ul className={classes.lines} aria-label="Log lines, errors first">
        {logs.lines.slice(0, mostLines).map((line, index) => (
          <li key={`${line.time} ${index}`} className={classes.item}>
            <div className={classes.line} title={line.line}>
              <time className={classes.muted}>{clockOf(nanoToMs(line.time), zone, true)}</time> {line.level && <b data-level={line.level}>{line.level}</b>}{" "}
              {line.line}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
