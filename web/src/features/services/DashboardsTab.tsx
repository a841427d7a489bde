import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { listDashboards } from "../../api/dashboards";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { dashboardPlace } from "../../lib/links";
import classes from "./services.module.css";

// Variables whose values are services, the surest first.
const variables = ["service", "service_name", "svc", "app", "application", "job"];

/** Dashboards that have a variable for services, opened with this one. */
export function DashboardsTab({ service }: { service: string }) {
  const boards = useQuery({ queryKey: ["services", "dashboards"], queryFn: ({ signal }) => listDashboards({ variable: variables }, signal), staleTime: 60_000 });
  return (
    <Panel title="Dashboards" flush actions={<Link to="/dashboards">All dashboards</Link>}>
      {boards.isPending ? (
        <Loading what="dashboards" />
      ) : boards.isError ? (
        <div className={classes.padded}>
          <Failure error={boards.error} retry={boards.refetch} what="Asking for dashboards" />
        </div>
      ) : boards.data.length === 0 ? (
        <Empty title="No dashboard chooses among services" hint={`A dashboard is listed here if it has a variable named ${variables.join(", ")}.`} />
      ) : (
        <ul className={classes.list} data-whole aria-label="Dashboards">
          {boards.data.toSorted((a, b) => surest(a.variables) - surest(b.variables)).map((one) => (
            <li key={one.uid} className={classes.item}>
              <div className={classes.itemHead}>
                <Link className={classes.strong} {...dashboardPlace(one.uid, variables[surest(one.variables)] ?? "service", service)}>
                  {one.title}
                </Link>
                <span className={classes.muted}>{[one.folderTitle, ...one.tags].filter(Boolean).join(" · ")}</span>
                <span className={classes.when}>by {one.variables.map((name) => `$${name}`).join(", ")}</span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** The place of the surest of these among the variables. */
function surest(names: readonly string[]): number {
  return variables.findIndex((name) => names.includes(name));
}
