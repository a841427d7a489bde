import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";

import { useRuns } from "../../components/environment";
import { EnvironmentLine } from "../../components/EnvironmentLine";
import { Panel } from "../../components/Panel";
import { Notice } from "../../components/Notice";
import { Empty, Failure, Loading } from "../../components/status";
import { useFindService } from "./FindService";
import { FirstFigures } from "./FirstFigures";
import { Firing } from "./Firing";
import { NewPatterns } from "./NewPatterns";
import { RecentChanges } from "./RecentChanges";
import { RecentErrors } from "./RecentErrors";
import { Tiles } from "./Tiles";
import { useDegraded } from "./useDegraded";
import { useServices } from "./useServices";
import classes from "./overview.module.css";

// Charts and long tables are most of what the page is made of; its tiles are there before.
const IngestChart = lazy(() => import("./IngestChart").then((loaded) => ({ default: loaded.IngestChart })));
const ServiceTable = lazy(() => import("./ServiceTable").then((loaded) => ({ default: loaded.ServiceTable })));

/** Is anything wrong right now, and where to go. */
export function OverviewPage() {
  const { services: everywhere, pending, of, errors, retry } = useServices();
  const runs = useRuns();
  const services = useMemo(() => everywhere.filter(({ name }) => runs.here(name)), [everywhere, runs]);
  const degraded = useDegraded(services);
  const { shown, narrowed, fields } = useFindService(services);
  const [error] = errors;
  return (
    <div className={classes.page}>
      <FirstFigures />
      <EnvironmentLine runs={runs} services={services.map(({ name }) => name)} rest="Alerts, patterns, errors and what comes in are of all." />
      <Tiles services={services} known={!pending && errors.length === 0} degraded={degraded.size} />
      <div className={classes.columns}>
        <div className={classes.column}>
          <Panel title={narrowed ? `Services: ${shown.length} of ${services.length}` : `Services ${services.length || ""}`} flush of={of} actions={services.length > 0 && fields}>
            {pending && services.length === 0 ? (
              <Loading height={240} what="services" />
            ) : services.length > 0 ? (
              <>
                {error && (
                  <div className={classes.padded}>
                    <Notice action={{ label: "Try again", run: retry }}>Some numbers are missing: {error.message}</Notice>
                  </div>
                )}
                {shown.length === 0 ? (
                  <Empty title="No service is called that here" hint="Clear what is looked for to see all." height={120} />
                ) : (
                  <Suspense fallback={<Loading height={240} what="services" />}>
                    <ServiceTable services={shown} degraded={degraded} />
                  </Suspense>
                )}
              </>
            ) : error ? (
              <div className={classes.padded}>
                <Failure error={error} retry={retry} what="Looking for services" />
              </div>
            ) : (
              <Empty
                title="No services in this range"
                hint={
                  <>
                    Services appear as soon as they send logs, spans or request metrics. Widen the range, or see <Link to="/data">what came in</Link>.
                  </>
                }
                height={240}
              />
            )}
          </Panel>
          <Suspense
            fallback={
              <Panel title="Ingest by signal">
                <Loading as="chart" height={160} what="ingest" />
              </Panel>
            }
          >
            <IngestChart />
          </Suspense>
        </div>
        <div className={classes.column}>
          <Firing />
          <NewPatterns />
          <RecentErrors />
        </div>
      </div>
      <RecentChanges />
    </div>
  );
}
