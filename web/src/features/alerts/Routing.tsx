import { lazy, Suspense, useState } from "react";

import { routingInForce, type Hit, type Route } from "../../api/alertdesk";
import { configurationInForce } from "../../api/routing";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { useAnswer } from "../../components/useAnswer";
import { Receivers } from "./Receivers";
import { tellsAnybody } from "./routing/draft";
import { WhoSays } from "./routing/WhoSays";
import { hasDraft } from "./routing/useRoutingDraft";
import { WeekGrid } from "./WeekGrid";
import { WhoHears } from "./WhoHears";
import classes from "./routing.module.css";

const RoutingEditor = lazy(() => import("./routing/RoutingEditor").then((loaded) => ({ default: loaded.RoutingEditor })));

/** Who hears of what: the tree of routes, a test of it, receivers, times at which nobody is told, and inhibitions. */
export function Routing() {
  const [hits, setHits] = useState<readonly Hit[]>([]);
  const [edit, setEdit] = useState<"all" | "first" | undefined>(() => (hasDraft() ? "all" : undefined));
  const configuration = useAnswer(["routing", "config"], ({ signal }) => configurationInForce(signal));
  const routing = useAnswer(["routing"], ({ signal }) => routingInForce(signal));
  if (routing.isPending) return <Loading height={320} what="routing" asked={routing.asked} />;
  if (routing.isError) return <Failure error={routing.error} retry={routing.refetch} what="Asking for the routing" />;
  const { route, receivers, inhibitRules, timeIntervals } = routing.data;
  const taken = new Set(hits.map((one) => one.routeID));
  const config = configuration.data;
  if (edit && config?.editable) {
    return (
      <Suspense fallback={<Loading height={320} what="the editor" />}>
        <RoutingEditor of={config} adding={edit === "first"} onClose={() => setEdit(undefined)} />
      </Suspense>
    );
  }
  return (
    <>
      {configuration.isError && <Failure error={configuration.error} retry={configuration.refetch} what="Asking who says so" />}
      {config && <WhoSays of={config} mute={!tellsAnybody(config.config)} onEdit={() => setEdit("all")} onAdd={() => setEdit("first")} />}
      <Panel title="Which receiver gets these labels?">
        <WhoHears onHits={setHits} />
      </Panel>
      <Panel title="Routes" flush of={routing}>
        <ul className={classes.tree} aria-label="Routes">
          <RouteNode route={route} taken={taken} root />
        </ul>
      </Panel>
      <Panel title="Receivers" flush>
        <Receivers receivers={receivers} />
      </Panel>
      <Panel title="Time intervals" flush>
        {timeIntervals.length === 0 ? (
          <Empty title="No time intervals are named" hint="Routes name them under mute_time_intervals and active_time_intervals." height={80} />
        ) : (
          timeIntervals.map((one) => <WeekGrid key={one.name} name={one.name} intervals={one.intervals} />)
        )}
      </Panel>
      <Panel title="Inhibitions" flush>
        {inhibitRules.length === 0 ? (
          <Empty title="No alert keeps another quiet" hint="inhibit_rules of the Alertmanager configuration would be listed here." height={80} />
        ) : (
          <ul className={classes.plain} aria-label="Inhibitions">
            {inhibitRules.map((rule) => (
              <li key={rule}>
                <pre className={classes.yaml}>{rule}</pre>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </>
  );
}

function RouteNode({ route, taken, root = false }: { route: Route; taken: ReadonlySet<string>; root?: boolean }) {
  return (
    <li className={classes.node}>
      <div className={classes.route} data-taken={taken.has(route.id) || undefined}>
        <code>{root ? "all alerts" : route.matchers.length === 0 ? "any" : route.matchers.join(", ")}</code>
        <span>
          → <b>{route.receiver}</b>
          {taken.has(route.id) && " ✓ takes it"}
        </span>
        <span className={classes.muted}>
          {route.groupBy.length > 0 ? `by ${route.groupBy.join(", ")} · ` : ""}
          waits {route.groupWait}, then every {route.groupInterval}, repeats {route.repeatInterval}
          {route.continue && " · goes on to the next"}
          {route.muteTimeIntervals.length > 0 && ` · mute at ${route.muteTimeIntervals.join(", ")}`}
          {route.activeTimeIntervals.length > 0 && ` · only at ${route.activeTimeIntervals.join(", ")}`}
        </span>
      </div>
      {route.routes.length > 0 && (
        <ul className={classes.tree}>
          {route.routes.map((child) => (
            <RouteNode key={child.id} route={child} taken={taken} />
          ))}
        </ul>
      )}
    </li>
  );
}
