import { Link } from "@tanstack/react-router";

import type { ServiceRed } from "../../api/services";
import type { Mark, Stretch } from "../../components/chart/TimeSeries";
import { SeriesMenu } from "../../components/correlate/SeriesMenu";
import { Histogram } from "../../components/logs/Histogram";
import { Panel } from "../../components/Panel";
import { QueryPanel, type ChartPanel } from "../../components/QueryPanel";
import { Notice } from "../../components/Notice";
import { useTime } from "../../components/time/TimeContext";
import { logsPlace, servicePlace } from "../../lib/links";
import { nearest } from "../../lib/nearest";
import { logsOf } from "../../lib/service";
import { widerRange } from "../../lib/wider";
import { Downstream } from "./Downstream";
import { ErrorGroups } from "./ErrorGroups";
import { ErrorLines } from "./ErrorLines";
import { OperationTable } from "./OperationTable";
import { ServiceLogs } from "./ServiceLogs";
import { ServiceTiles } from "./ServiceTiles";
import classes from "./services.module.css";

// What is worth a look first; the other tabs have the rest.
const top = 5;

interface SummaryTabProps {
  service: string;
  /** Whether it sent spans or log lines in the range. */
  known: boolean;
  /** Names of those that did. */
  others: readonly string[];
  /** Undefined where the service sent no spans. */
  red: ServiceRed | undefined;
  charts: readonly ChartPanel[];
  marks: readonly Mark[] | undefined;
  stretches: readonly Stretch[];
}

/** How a service does, at a glance. */
export function SummaryTab({ service, known, others, red, charts, marks, stretches }: SummaryTabProps) {
  return (
    <>
      {red ? (
        <>
          <ServiceTiles service={red} />
          <div className={classes.charts}>
            {charts.map((panel) => (
              <QueryPanel
                key={panel.title}
                panel={panel}
                height={170}
                marks={marks}
                stretches={stretches}
                menu={(series, name, stepMs) => <SeriesMenu series={series} name={`${panel.title}: ${name}`} query={panel.query} about={{ service_name: service }} stepMs={stepMs} />}
              />
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
          {known ? (
            <Notice>No spans of {service} in this range. Rates, durations and errors are made of spans; what else is known of it stands below.</Notice>
          ) : (
            <Unknown service={service} others={others} />
          )}
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
          <ErrorLines service={service} top={top} />
        </>
      )}
      <ServiceLogs service={service} />
    </>
  );
}

/** Said of a name that nobody sends anything under: who may be meant, and a wider range. */
function Unknown({ service, others }: { service: string; others: readonly string[] }) {
  const { raw, range, setRange } = useTime();
  const meant = nearest(service, others);
  const wider = widerRange(raw, range);
  return (
    <Notice {...(wider ? { action: { label: wider.title, run: () => setRange(wider.raw) } } : {})}>
      Nobody called {service} sent spans or log lines in this range.{" "}
      {meant !== undefined && (
        <>
          Did you mean <Link {...servicePlace(meant)}>{meant}</Link>?{" "}
        </>
      )}
      <Link to="/services">All services</Link>
    </Notice>
  );
}
