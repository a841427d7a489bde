import type { IntervalConfig, ReceiverConfig, RouteConfig, RoutingConfig } from "../../../api/routing";

/** Where a route stands: the indexes of the branches from the root down. */
export type RoutePath = readonly number[];

/** The integrations of a contact point, as [kind, its settings]; kinds as they are written, without "_configs". */
export function integrationsIn(receiver: ReceiverConfig): { kind: string; index: number; settings: Record<string, unknown> }[] {
  return Object.entries(receiver).flatMap(([key, list]) =>
    key.endsWith("_configs") && Array.isArray(list) ? list.map((settings, index) => ({ kind: key.replace(/_configs$/, ""), index, settings: (settings ?? {}) as Record<string, unknown> })) : [],
  );
}

/** The route at a path; undefined where there is none. */
export function routeAt(root: RouteConfig, path: RoutePath): RouteConfig | undefined {
  return path.reduce<RouteConfig | undefined>((route, index) => route?.routes?.[index], root);
}

/** The tree with the route at `path` changed. */
export function withRoute(root: RouteConfig, path: RoutePath, edit: (route: RouteConfig) => RouteConfig): RouteConfig {
  const [index, ...rest] = path;
  if (index === undefined) return edit(root);
  return { ...root, routes: (root.routes ?? []).map((child, at) => (at === index ? withRoute(child, rest, edit) : child)) };
}

/** The tree with the branches of the route above `path` changed. */
function withSiblings(root: RouteConfig, path: RoutePath, edit: (routes: RouteConfig[], index: number) => RouteConfig[]): RouteConfig {
  const index = path.at(-1);
  if (index === undefined) return root;
  return withRoute(root, path.slice(0, -1), ({ routes = [], ...above }) => {
    const left = edit([...routes], index);
    return left.length === 0 ? above : { ...above, routes: left };
  });
}

/** The tree without a route and what is below it. */
export function withoutRoute(root: RouteConfig, path: RoutePath): RouteConfig {
  return withSiblings(root, path, (routes, index) => routes.toSpliced(index, 1));
}

/** The tree with a route before (-1) or behind (1) its neighbour; alerts take the first that fits. */
export function movedRoute(root: RouteConfig, path: RoutePath, by: -1 | 1): RouteConfig {
  return withSiblings(root, path, (routes, index) => {
    const route = routes[index];
    if (!route || index + by < 0 || index + by >= routes.length) return routes;
    return routes.toSpliced(index, 1).toSpliced(index + by, 0, route);
  });
}

/** The tree with a new route at the end of those below `path`, or right behind the one at `path`. */
export function withNewRoute(root: RouteConfig, path: RoutePath, where: "below" | "behind", route: RouteConfig): RouteConfig {
  if (where === "below" || path.length === 0) return withRoute(root, path, (above) => ({ ...above, routes: [...(above.routes ?? []), route] }));
  return withSiblings(root, path, (routes, index) => routes.toSpliced(index + 1, 0, route));
}

/** What a route takes, in words. */
export function routeWords(route: RouteConfig, root: boolean): string {
  if (root) return "all alerts";
  const { match, match_re: matchRe } = route as { match?: Record<string, string>; match_re?: Record<string, string> };
  const old = [...Object.entries(match ?? {}).map(([name, value]) => `${name}="${value}"`), ...Object.entries(matchRe ?? {}).map(([name, value]) => `${name}=~"${value}"`)];
  return [...(route.matchers ?? []), ...old].join(", ") || "any";
}

/** All routes with where they stand, the root first. */
export function eachRoute(root: RouteConfig, path: RoutePath = []): { route: RouteConfig; path: RoutePath }[] {
  return [{ route: root, path }, ...(root.routes ?? []).flatMap((child, index) => eachRoute(child, [...path, index]))];
}

function mapRoutes(route: RouteConfig, edit: (route: RouteConfig) => RouteConfig): RouteConfig {
  const { routes } = route;
  return edit(routes ? { ...route, routes: routes.map((child) => mapRoutes(child, edit)) } : route);
}

/** The routes that lead to a contact point, in words. */
export function routesTo(config: RoutingConfig, receiver: string): string[] {
  return eachRoute(config.route).flatMap(({ route, path }) => (route.receiver === receiver ? [routeWords(route, path.length === 0)] : []));
}

/** The configuration with a contact point put in the place of the one named `before`, or added; routes follow a new name. */
export function withReceiver(config: RoutingConfig, before: string | undefined, receiver: ReceiverConfig): RoutingConfig {
  if (before === undefined) return { ...config, receivers: [...config.receivers, receiver] };
  const route = mapRoutes(config.route, (one) => (one.receiver === before ? { ...one, receiver: receiver.name } : one));
  return { ...config, route, receivers: config.receivers.map((one) => (one.name === before ? receiver : one)) };
}

/** The intervals of both keys that Alertmanager has for them. */
export function intervalsIn(config: RoutingConfig): IntervalConfig[] {
  return [...(config.time_intervals ?? []), ...((config["mute_time_intervals"] as IntervalConfig[] | undefined) ?? [])];
}

/** The routes that name an interval, in words. */
export function routesAt(config: RoutingConfig, interval: string): string[] {
  return eachRoute(config.route).flatMap(({ route, path }) => ([...(route.mute_time_intervals ?? []), ...(route.active_time_intervals ?? [])].includes(interval) ? [routeWords(route, path.length === 0)] : []));
}

/** The configuration with an interval put in the place of the one named `before`, or added, or without it. Routes follow a new name. */
export function withInterval(config: RoutingConfig, before: string | undefined, interval: IntervalConfig | undefined): RoutingConfig {
  const renamed = (names: string[] | undefined) => names?.map((name) => (name === before && interval ? interval.name : name));
  const route = mapRoutes(config.route, ({ mute_time_intervals: mute, active_time_intervals: active, ...rest }) => ({
    ...rest,
    ...(mute && { mute_time_intervals: renamed(mute) ?? [] }),
    ...(active && { active_time_intervals: renamed(active) ?? [] }),
  }));
  const { time_intervals: _new, mute_time_intervals: _old, ...rest } = config;
  const all = intervalsIn(config);
  const next = before === undefined ? [...all, ...(interval ? [interval] : [])] : all.flatMap((one) => (one.name !== before ? [one] : interval ? [interval] : []));
  return { ...rest, route, receivers: config.receivers, ...(next.length > 0 && { time_intervals: next }) };
}

/** Whether anybody would be told of anything. */
export function tellsAnybody(config: RoutingConfig): boolean {
  return config.receivers.some((receiver) => integrationsIn(receiver).length > 0);
}

/** Names in a line of text, separated by commas. */
export function namesIn(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
