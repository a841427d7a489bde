import { Link } from "@tanstack/react-router";

import type { ServiceRed } from "../../api/services";
import type { Mark, Stretch } from "../../components/chart/TimeSeries";
import { Histogram } from "../../components/logs/Histogram";
import { Panel } from "../../components/Panel";
import { QueryPanel, type ChartPanel } from "../../components/QueryPanel";
import { Notice } from "../../components/Notice";
import { logsPlace, servicePlace } from "../../lib/links";
import { logsOf } from "../../lib/service";
import { Downstream } from "./Downstream";
import { ErrorGroups } from "./ErrorGroups";
import { OperationTable } from "./OperationTable";
import { ServiceLogs } from "./ServiceLogs";
import { ServiceTiles } from "./ServiceTiles";
import classes from "./services.module.css";

// What is worth a look first; the other tabs have the rest.
const top = 5;

interface SummaryTabProps {
  service: string;
  /** Undefined where the service sent no spans. */
  red: ServiceRed | undefined;
  charts: readonly ChartPanel[];
  marks: readonly Mark[] | undefined;
  stretches: readonly Stretch[];
}

/** How a service does, at a glance. */
export function SummaryTab({ service, red, charts, marks, stretches }: SummaryTabProps) {
  return (
    <>
      {red ? (
        <>
          <ServiceTiles service={red} />
          <div className={classes.charts}>
            {charts.map((panel) => (
              <QueryPanel key={panel.title} panel={panel} height={170} marks={marks} stretches={stretches} />
            ))}
          </div>
          <div className={classes.halves}>
            <OperationTable service={service} top={top} />
            <Downstream service={service} />
          </div>
          <ErrorGroups service={service} top={top} />
        </>
      ) : (
        <>
          <Notice>No spans of {service} in this range. Rates, durations and errors are made of spans; what else is known of it stands below.</Notice>
          <Panel
            title="Log lines"
            flush
            actions={
              <>
                <Link {...servicePlace(service, "logs")}>Lines</Link>
                <Link {...logsPlace(logsOf(service))}>Explore</Link>
              </>
            }
          >
            <Histogram query={logsOf(service)} enabled />
          </Panel>
        </>
      )}
      <ServiceLogs service={service} />
    </>
  );
}
