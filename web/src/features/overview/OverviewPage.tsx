import { Link } from "@tanstack/react-router";

import { Panel } from "../../components/Panel";
import { Notice } from "../../components/Notice";
import { Empty, Failure, Loading } from "../../components/status";
import { Firing } from "./Firing";
import { IngestChart } from "./IngestChart";
import { NewPatterns } from "./NewPatterns";
import { RecentChanges } from "./RecentChanges";
import { RecentErrors } from "./RecentErrors";
import { ServiceTable } from "./ServiceTable";
import { Tiles } from "./Tiles";
import { useDegraded } from "./useDegraded";
import { useServices } from "./useServices";
import classes from "./overview.module.css";

/** Is anything wrong right now, and where to go. */
export function OverviewPage() {
  const { services, pending, busy, errors, retry } = useServices();
  const degraded = useDegraded(services);
  const [error] = errors;
  return (
    <div className={classes.page}>
      <Tiles services={services} degraded={degraded.size} />
      <div className={classes.columns}>
        <div className={classes.column}>
          <Panel title={`Services ${services.length || ""}`} flush busy={busy}>
            {pending && services.length === 0 ? (
              <Loading height={240} what="services" />
            ) : services.length > 0 ? (
              <>
                {error && (
                  <div className={classes.padded}>
                    <Notice action={{ label: "Try again", run: retry }}>Some numbers are missing: {error.message}</Notice>
                  </div>
                )}
                <ServiceTable services={services} degraded={degraded} />
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
          <IngestChart />
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
