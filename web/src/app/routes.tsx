import { createRootRoute, createRoute, createRouter, lazyRouteComponent, retainSearchParams } from "@tanstack/react-router";

import { askEarly } from "../api/early";
import { boot } from "../lib/boot";
import { parseSearch, sharedKeys, stringifySearch, type RawSearch } from "../lib/urlState";
import { settleAddress } from "./incoming";
import { NotFound } from "./NotFound";
import { PageFailure } from "./PageFailure";
import { PagePending } from "./PagePending";
import { SharePage } from "./SharePage";
import { Shell } from "./Shell";

// Each page reads its own parameters with useUrlState; here they only pass through as text.
const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: PageFailure,
  validateSearch: (search: Record<string, unknown>) => search as RawSearch,
  search: { middlewares: [retainSearchParams([...sharedKeys])] },
});

const page = { getParentRoute: () => root, errorComponent: PageFailure } as const;

const overview = createRoute({
  ...page,
  path: "/",
  component: lazyRouteComponent(() => import("./Home"), "Home"),
});
const services = createRoute({
  ...page,
  path: "/services",
  component: lazyRouteComponent(() => import("../features/services/ServicesPage"), "ServicesPage"),
});
const serviceMap = createRoute({
  ...page,
  path: "/services/map",
  component: lazyRouteComponent(() => import("../features/services/MapPage"), "MapPage"),
});
const service = createRoute({
  ...page,
  path: "/services/$name",
  component: lazyRouteComponent(() => import("../features/services/ServicePage"), "ServicePage"),
});
const metrics = createRoute({
  ...page,
  path: "/explore/metrics",
  component: lazyRouteComponent(() => import("../features/metrics/MetricsPage"), "MetricsPage"),
});
const logs = createRoute({
  ...page,
  path: "/explore/logs",
  component: lazyRouteComponent(() => import("../features/logs/LogsPage"), "LogsPage"),
});
const traces = createRoute({
  ...page,
  path: "/explore/traces",
  component: lazyRouteComponent(() => import("../features/traces/TracesPage"), "TracesPage"),
});
const trace = createRoute({
  ...page,
  path: "/trace/$id",
  component: lazyRouteComponent(() => import("../features/traces/TracePage"), "TracePage"),
});
const alerts = createRoute({
  ...page,
  path: "/alerts",
  component: lazyRouteComponent(() => import("../features/alerts/AlertsPage"), "AlertsPage"),
});
const data = createRoute({
  ...page,
  path: "/data",
  component: lazyRouteComponent(() => import("../features/data/DataPage"), "DataPage"),
});

const dashboards = createRoute({
  ...page,
  path: "/dashboards",
  component: lazyRouteComponent(() => import("../features/dashboards/ListPage"), "ListPage"),
});
const dashboardImport = createRoute({
  ...page,
  path: "/dashboards/import",
  component: lazyRouteComponent(() => import("../features/dashboards/ImportPage"), "ImportPage"),
});
const dashboard = createRoute({
  ...page,
  path: "/d/$uid",
  component: lazyRouteComponent(() => import("../features/dashboards/DashboardPage"), "DashboardPage"),
});
// Links made by others carry the title behind the uid.
const dashboardSlug = createRoute({
  ...page,
  path: "/d/$uid/$slug",
  component: lazyRouteComponent(() => import("../features/dashboards/DashboardPage"), "DashboardPage"),
});
const snapshots = createRoute({
  ...page,
  path: "/snapshots",
  component: lazyRouteComponent(() => import("../features/dashboards/share/SnapshotList"), "SnapshotList"),
});
const snapshot = createRoute({
  ...page,
  path: "/snapshots/$key",
  component: lazyRouteComponent(() => import("../features/dashboards/share/SnapshotPage"), "SnapshotPage"),
});
const playlists = createRoute({
  ...page,
  path: "/playlists",
  component: lazyRouteComponent(() => import("../features/dashboards/playlist/PlaylistsPage"), "PlaylistsPage"),
});

const share = createRoute({ ...page, path: "/share/$id", component: SharePage });
const settings = createRoute({
  ...page,
  path: "/settings/$tab",
  component: lazyRouteComponent(() => import("../features/settings/SettingsPage"), "SettingsPage"),
});
const settingsTop = createRoute({
  ...page,
  path: "/settings",
  component: lazyRouteComponent(() => import("../features/settings/SettingsPage"), "SettingsPage"),
});
const welcome = createRoute({
  ...page,
  path: "/welcome",
  component: lazyRouteComponent(() => import("../features/welcome/WelcomePage"), "WelcomePage"),
});
const login = createRoute({
  ...page,
  path: "/login",
  component: lazyRouteComponent(() => import("../features/welcome/LoginPage"), "LoginPage"),
});

settleAddress();
askEarly(location.pathname.slice(boot.prefix.length));

/** The one table of pages. */
export const router = createRouter({
  routeTree: root.addChildren([overview, services, serviceMap, service, metrics, logs, traces, trace, alerts, data, dashboards, dashboardImport, dashboard, dashboardSlug, snapshots, snapshot, playlists, share, settings, settingsTop, welcome, login]),
  basepath: boot.prefix || "/",
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  // The code of a page that takes its time: what was there stays for a moment, then there is an outline.
  defaultPendingComponent: PagePending,
  defaultPendingMs: 150,
  defaultPendingMinMs: 0,
  scrollRestoration: true,
});
