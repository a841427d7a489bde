import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useMemo } from "react";

import { listDeploys, listServices, type Deploy } from "../../api/services";
import type { Mark } from "../../components/chart/TimeSeries";
import { Notice } from "../../components/Notice";
import { QueryPanel } from "../../components/QueryPanel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { logsPlace, mapPlace, metricsPlace, tracesPlace } from "../../lib/links";
import { errorLogsOf, failedTracesOf, logsOf, tracesOf } from "../../lib/service";
import { formatTime, nanoToMs } from "../../lib/timeFormat";
import { ErrorGroups } from "./ErrorGroups";
import { Neighbours } from "./Neighbours";
import { OperationTable } from "./OperationTable";
import { serviceCharts } from "./queries";
import { ServiceLogs } from "./ServiceLogs";
import { ServiceTiles } from "./ServiceTiles";
import classes from "./services.module.css";

/** One service: how it does, what it does, whom it needs, what fails, and the ways to the evidence. */
export function ServicePage() {
  const { name = "" } = useParams({ strict: false });
  return <Service key={name} name={name} />;
}

function Service({ name }: { name: string }) {
  const { range, zone, tick } = useTime();
  const services = useQuery({ queryKey: ["services", "list", range, tick], queryFn: ({ signal }) => listServices(range, signal) });
  const deploys = useQuery({ queryKey: ["services", "deploys", name, range, tick], queryFn: ({ signal }) => listDeploys(name, range, signal) });
  const marks = useMemo(() => deploys.data?.map(markOf), [deploys.data]);
  const found = services.data?.find((one) => one.name === name);
  const entry = found?.entry ?? true;
  const charts = useMemo(() => serviceCharts(name, entry), [name, entry]);

  return (
    <div className={classes.page}>
      <nav className={classes.tools} aria-label="Evidence">
        <Link {...tracesPlace(tracesOf(name))}>Traces</Link>
        <Link {...tracesPlace(failedTracesOf(name))}>Failed traces</Link>
        <Link {...logsPlace(logsOf(name))}>Logs</Link>
        <Link {...logsPlace(errorLogsOf(name))}>Error logs</Link>
        <Link {...metricsPlace(charts.map((chart) => chart.query))}>Metrics</Link>
        <Link {...mapPlace(name)}>Map around it</Link>
      </nav>
      {deploys.isError && (
        <Notice action={{ label: "Try again", run: () => void deploys.refetch() }}>When versions began is not known: {deploys.error.message}</Notice>
      )}
      {deploys.data && deploys.data.length > 0 && (
        <ul className={classes.deploys} aria-label="Versions that began">
          {deploys.data.map((one) => (
            <li key={`${one.version} ${one.time}`}>
              <strong>{one.version}</strong> from <time>{formatTime(nanoToMs(one.time), zone)}</time>, after {one.previous}
            </li>
          ))}
        </ul>
      )}
      {services.isPending ? (
        <Loading height={480} what={name} />
      ) : services.isError ? (
        <Failure error={services.error} retry={services.refetch} what={`Asking for ${name}`} />
      ) : found ? (
        <>
          <ServiceTiles service={found} />
          <div className={classes.charts}>
            {charts.map((panel) => (
              <QueryPanel key={panel.title} panel={panel} height={170} marks={marks} />
            ))}
          </div>
          <OperationTable service={name} />
          <Neighbours service={name} />
          <ErrorGroups service={name} />
        </>
      ) : (
        <Empty title={`No spans of ${name} in this range`} hint="Rates, durations and errors are made of spans. What else is known of it stands below." />
      )}
      <ServiceLogs service={name} />
    </div>
  );
}

function markOf({ version, time }: Deploy): Mark {
  return { time: nanoToMs(time) / 1000, label: version };
}
