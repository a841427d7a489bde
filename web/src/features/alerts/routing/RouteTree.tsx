import { useState } from "react";

import type { RouteConfig } from "../../../api/routing";
import { Panel } from "../../../components/Panel";
import { Sure } from "../Sure";
import { movedRoute, routeAt, routeWords, withNewRoute, withoutRoute, withRoute, type RoutePath } from "./draft";
import { RouteForm } from "./RouteForm";
import type { RoutingDraft } from "./useRoutingDraft";
import alertClasses from "../alerts.module.css";
import classes from "../routing.module.css";

type Open = { path: RoutePath; as: "change" | "below" | "behind" };

/** The routes of the draft, to be changed. Alerts take the first that fits, at each level. */
export function RouteTree({ of }: { of: RoutingDraft }) {
  const [open, setOpen] = useState<Open>();
  const { config } = of;
  const edit = (change: (root: RouteConfig) => RouteConfig): void => of.edit((before) => ({ ...before, route: change(before.route) }));
  const done = ({ path, as }: Open, route: RouteConfig): void => edit((root) => (as === "change" ? withRoute(root, path, () => route) : withNewRoute(root, path, as, route)));
  return (
    <Panel title="Routes" flush>
      <ul className={classes.tree} aria-label="Routes">
        <Node route={config.route} path={[]} last inherited={config.route.receiver ?? ""} onOpen={setOpen} edit={edit} />
      </ul>
      {open && (
        <RouteForm
          config={config}
          before={open.as === "change" ? (routeAt(config.route, open.path) ?? {}) : {}}
          root={open.as === "change" && open.path.length === 0}
          title={open.as === "change" ? "Change route" : "New route"}
          onDone={(route) => done(open, route)}
          onClose={() => setOpen(undefined)}
        />
      )}
    </Panel>
  );
}

interface NodeProps {
  route: RouteConfig;
  path: RoutePath;
  last: boolean;
  /** The contact point of the route above. */
  inherited: string;
  onOpen: (open: Open) => void;
  edit: (change: (root: RouteConfig) => RouteConfig) => void;
}

function Node({ route, path, last, inherited, onOpen, edit }: NodeProps) {
  const root = path.length === 0;
  const words = routeWords(route, root);
  const receiver = route.receiver ?? inherited;
  const routes = route.routes ?? [];
  const button = (label: string, name: string, run: () => void, disabled = false) => (
    <button type="button" className={alertClasses.textButton} aria-label={`${name} ${words}`} disabled={disabled} onClick={run}>
      {label}
    </button>
  );
  return (
    <li className={classes.node}>
      <div className={classes.route}>
        <code>{words}</code>
        <span>
          → <b>{receiver}</b>
        </span>
        <span className={classes.muted}>{said(route).join(" · ")}</span>
        <span className={alertClasses.links}>
          {button("Edit", "Edit route", () => onOpen({ path, as: "change" }))}
          {button("Add below", "Add a route below", () => onOpen({ path, as: "below" }))}
          {!root && (
            <>
              {button("Add after", "Add a route after", () => onOpen({ path, as: "behind" }))}
              {button("↑", "Move up", () => edit((all) => movedRoute(all, path, -1)), path.at(-1) === 0)}
              {button("↓", "Move down", () => edit((all) => movedRoute(all, path, 1)), last)}
              <Sure action="Delete" of={`route ${words}`} onSure={() => edit((all) => withoutRoute(all, path))} />
            </>
          )}
        </span>
      </div>
      {routes.length > 0 && (
        <ul className={classes.tree}>
          {routes.map((child, index) => (
            // A route is where it stands: it has no name.
            // oxlint-disable-next-line react/no-array-index-key
            <Node key={index} route={child} path={[...path, index]} last={index === routes.length - 1} inherited={receiver} onOpen={onOpen} edit={edit} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** What a route says itself, in words. */
function said(route: RouteConfig): string[] {
  return [
    route.group_by ? `by ${route.group_by.join(", ")}` : "",
    route.group_wait ? `waits ${route.group_wait}` : "",
    route.group_interval ? `then every ${route.group_interval}` : "",
    route.repeat_interval ? `repeats ${route.repeat_interval}` : "",
    route.continue ? "goes on to the next" : "",
    route.mute_time_intervals?.length ? `mute at ${route.mute_time_intervals.join(", ")}` : "",
    route.active_time_intervals?.length ? `only at ${route.active_time_intervals.join(", ")}` : "",
  ].filter((words) => words !== "");
}
