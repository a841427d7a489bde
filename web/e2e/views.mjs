// The pages in each of their states. Journeys ask axe about them, `make screenshots` takes pictures of them.
//
// A view has a `name` (of its picture), a `title` (what the picture shows) and a `path`. It may name the `server` it is of:
// "demo" has data of all three signals, "empty" has never received any, "guarded" wants to know who asks and shows its pages
// to an administrator, "stranger" is the same before a login, "fed" has a machine and, of other things, series for each query of the
// dashboards that come with Oriel (pictures alone are taken of it). `answers` says how that server answers: not at all ("none"),
// or with a failure ("failing"), or that whoever asks has asked too much ("limited"), is not signed in ("expired") or may not ("forbidden"). `see` is what must have appeared, `act` what is done then, `size` that of the window,
// `complains` what the browser says to that, which is no fault.

import { brought } from "./belongings.mjs";
import { password } from "./people.mjs";

const nothingThen = "from=1577836800000&to=1577840400000";
const recent = "from=now-5m&to=now";
// Long enough for the one of three incidents that a view is about.
const long = "from=now-15m&to=now";
const phone = { width: 390, height: 844 };
const tall = { width: 1280, height: 2000 };

const at = (path, state = {}, range = recent) => `${path}?${new URLSearchParams(state)}${Object.keys(state).length > 0 ? "&" : ""}${range}`;
const loading = (page) => page.getByRole("status", { name: /^Loading/ }).first();
const failure = (page) => page.getByRole("alert").first();
const button = (name) => (page) => page.getByRole("button", { name }).first().click();
const opened = (page) => page.getByRole("dialog").first();
const row = (page) => page.getByRole("row").nth(1);
const canvas = (page) => page.locator("#main canvas").first();
// Of a panel of HTML that has a handler in it, which does not run.
const handlers = /inline event handler|script-src-attr/;
const cancel = (page) => page.getByRole("button", { name: /^Cancel/ }).first();
const choose = (menu, item) => (page) => button(menu)(page).then(() => page.getByRole("menuitem", { name: item }).click());
const editing = (page) => page.getByRole("toolbar", { name: "Edit the dashboard" });
const scroll = (title) => (page) => page.getByRole("heading", { level: 2, name: title }).evaluate((heading) => heading.scrollIntoView({ block: "start" }));
const opens = (name) => (page) => button(name)(page).then(() => opened(page).waitFor());

/** Pages that ask the server for what they show, which therefore have four states. `facts` are what findFacts found. */
function pages({ trace }) {
  const logs = '{service_name=~".+"}';
  return [
    { name: "alerts", title: "Alerts that fire, with evidence", path: () => at("/alerts"), blank: at("/alerts", { filter: "no such alert" }), see: canvas },
    { name: "overview", title: "Overview", path: (range) => at("/", {}, range), see: canvas },
    { name: "services", title: "Services", path: (range) => at("/services", {}, range), see: row },
    { name: "service-map", title: "Service map", path: (range) => at("/services/map", {}, range), see: (page) => page.getByRole("group", { name: /^Map of/ }) },
    { name: "service", title: "A service", path: (range) => at("/services/payment", {}, range), see: canvas },
    { name: "metrics", title: "Metrics, a query", path: (range) => at("/explore/metrics", { q: "sum by (job) (rate(http_server_request_duration_seconds_count[1m]))" }, range), see: canvas },
    { name: "logs", title: "Logs", path: (range) => at("/explore/logs", { q: logs }, range), see: canvas },
    { name: "traces", title: "Traces", path: (range) => at("/explore/traces", {}, range), see: canvas },
    { name: "trace", title: "A trace", path: () => at(`/trace/${trace}`), blank: `/trace/${"0".repeat(31)}1`, complains: /404/, see: (page) => page.getByRole("treegrid") },
    { name: "dashboards", title: "Dashboards", path: () => at("/dashboards"), blank: at("/dashboards", { q: "no such dashboard" }), see: row },
    { name: "dashboard", title: "A dashboard", path: (range) => at("/d/oriel", {}, range), see: canvas },
    { name: "data", title: "Data: what comes in", path: () => at("/data"), blank: "", see: row },
  ];
}

/** Tabs, details, dialogs, and what surrounds the pages: in the state that has data. */
function details({ trace, other, span, fingerprint }) {
  const errors = '{service_name="payment"} | detected_level="error"';
  const goroutines = at("/explore/metrics", { q: "go_goroutines" });
  return [
    { name: "alert", title: "One alert, where a notification leads", path: at("/alerts", { fp: fingerprint }), see: canvas },
    { name: "phone-alert", title: "An alert on a phone", path: at("/alerts", { fp: fingerprint }), see: canvas, size: phone },
    { name: "services-map-table", title: "Service map as a table", path: at("/services/map", { view: "table" }), see: row },
    { name: "metrics-browse", title: "Metrics, browsing", path: at("/explore/metrics"), see: canvas },
    { name: "metrics-metric", title: "Metrics, one metric and its labels", path: at("/explore/metrics", { mode: "browse", m: "http_server_request_duration_seconds" }), see: canvas },
    { name: "metrics-table", title: "Metrics, a table", path: goroutines, see: canvas, act: (page) => page.getByText("Table", { exact: true }).click() },
    { name: "metrics-heatmap", title: "Metrics, a heatmap", path: at("/explore/metrics", { q: "http_server_request_duration_seconds_bucket" }), see: (page) => page.locator(".cm-content").first(), act: (page) => page.getByText("Heatmap", { exact: true }).click() },
    { name: "metrics-wrong", title: "Metrics, a query that is wrong", path: at("/explore/metrics", { q: "sum(((" }), see: failure, complains: /400/ },
    { name: "metrics-builder", title: "Metrics, a query by choosing its parts", path: goroutines, see: canvas, act: button("Builder") },
    { name: "metrics-explain", title: "Metrics, a query explained", path: at("/explore/metrics", { q: "sum by (job) (rate(http_server_request_duration_seconds_count[1m])) > 0.1" }), see: canvas, act: button("Explain") },
    { name: "metrics-step", title: "Metrics, a step that makes too many points", path: at("/explore/metrics", { q: "up", step: "10ms" }), see: (page) => page.getByText("Too many points") },
    { name: "metrics-many", title: "Metrics, more series than a legend shows", path: at("/explore/metrics", { q: "http_server_request_duration_seconds_bucket" }), see: canvas },
    { name: "metrics-data", title: "Metrics, the data of a chart in rows", path: goroutines, see: canvas, act: (page) => page.locator("[role=img]").first().press("Enter").then(() => opened(page).getByRole("table").waitFor()) },
    { name: "metrics-limited", title: "Metrics, more queries than there may be", path: goroutines, see: failure, answers: "limited", complains: /429/ },
    { name: "service-limited", title: "A service, more queries than there may be", path: at("/services/payment"), see: failure, answers: "limited", complains: /429/ },
    { name: "signed-out", title: "A session that has ended, over the page", path: at("/"), see: opened, answers: "expired", complains: /401/ },
    { name: "not-allowed", title: "What takes another role", path: at("/"), see: opened, answers: "forbidden", complains: /403/ },
    { name: "metrics-slow", title: "Metrics, a query that takes long", path: goroutines, see: cancel, answers: "none" },
    { name: "metrics-add", title: "Metrics, a query is added to a dashboard", path: goroutines, see: canvas, act: (page) => choose("Actions", /^Add to a dashboard/)(page).then(() => opened(page).waitFor()) },
    { name: "logs-line", title: "Logs, one line", path: at("/explore/logs", { q: errors }, long), see: (page) => page.getByRole("row").first(), act: (page) => page.getByRole("row").first().click() },
    { name: "logs-bars", title: "Logs, counted by service", path: at("/explore/logs", { q: '{service_name=~".+"}', bars: "service_name" }), see: canvas },
    { name: "logs-patterns", title: "Logs, patterns", path: at("/explore/logs", { q: '{service_name=~".+"}', tab: "patterns" }), see: row },
    { name: "logs-stats", title: "Logs, statistics", path: at("/explore/logs", { q: '{service_name=~".+"}', tab: "stats" }), see: canvas },
    { name: "logs-metric", title: "Logs, a metric query", path: at("/explore/logs", { q: 'sum by (service_name) (rate({service_name=~".+"}[1m]))' }), see: canvas },
    { name: "logs-live", title: "Logs, live tail", path: at("/explore/logs", { q: '{service_name=~".+"}', live: "1" }), see: (page) => page.getByRole("row").first() },
    { name: "logs-context", title: "Logs, what was around a line", path: at("/explore/logs", { q: errors, ctx: "1" }, long), see: (page) => page.getByRole("row").first(), act: (page) => page.getByRole("row").first().click() },
    { name: "logs-columns", title: "Logs, fields as columns", path: at("/explore/logs", { q: errors, cols: "service_name" }, long), see: (page) => page.getByRole("row").first() },
    { name: "logs-slow", title: "Logs, a query that takes long", path: at("/explore/logs", { q: errors }, long), see: cancel, answers: "none" },
    { name: "trace-span", title: "A trace, one span that failed", path: at(`/trace/${trace}`, { span }), see: (page) => page.getByRole("complementary", { name: "Span detail" }) },
    ...["flame", "table", "map"].map((view) => ({ name: `trace-${view}`, title: `A trace, as a ${view}`, path: at(`/trace/${trace}`, { view }) })),
    { name: "trace-compare", title: "A trace beside another", path: at(`/trace/${trace}`, { vs: other }) },
    { name: "trace-compare-with", title: "A trace, what it can be compared with", path: at(`/trace/${trace}`), see: (page) => page.getByRole("treegrid"), act: (page) => button("Compare with…")(page).then(() => page.getByText("Fastest of this request").waitFor()) },
    { name: "trace-phone", title: "A trace on a phone", path: at(`/trace/${trace}`), see: (page) => page.getByRole("treegrid"), size: phone },
    { name: "traces-built", title: "Traces, a query by choosing its parts", path: at("/explore/traces", { q: '{ resource.service.name = "payment" && duration > 10ms }' }), see: canvas },
    { name: "traces-scatter", title: "Traces, as dots", path: at("/explore/traces", { chart: "scatter" }), see: canvas },
    { name: "traces-metric", title: "Traces, a metric query", path: at("/explore/traces", { q: "{} | rate() by (resource.service.name)" }), see: canvas },
    ...["breakdown", "compare", "structure"].map((tab) => ({ name: `traces-${tab}`, title: `Traces, ${tab}`, path: at("/explore/traces", { q: "{ status = error }", tab }, long), see: canvas })),
    ...["operations", "errors", "logs", "traces", "dependencies", "infra", "alerts", "dashboards"].map((tab) => ({ name: `service-${tab}`, title: `A service, ${tab}`, path: at("/services/payment", { tab }, long) })),
    { name: "dashboard-edit", title: "A dashboard, edited", path: at("/d/oriel", { edit: "1" }), see: (page) => page.getByRole("toolbar", { name: "Edit the dashboard" }), server: "empty" },
    { name: "dashboard-every", title: "Every kind of panel", path: at(`/d/${brought.every}`), see: canvas, complains: handlers, size: tall },
    { name: "dashboard-states", title: "Panels of states, tables and lists", path: at(`/d/${brought.every}`), see: canvas, complains: handlers, act: scroll("States"), size: tall },
    { name: "dashboard-maps", title: "Panels of texts, expressions and maps", path: at(`/d/${brought.every}`), see: canvas, complains: handlers, act: scroll("Texts and others"), size: tall },
    { name: "dashboard-modern", title: "A dashboard of all signals", path: at(`/d/${brought.modern}`), see: canvas },
    { name: "dashboard-panel", title: "A panel, edited", path: at(`/d/${brought.modern}`, { edit: "1", editPanel: "1" }), see: (page) => page.getByLabel("Find a setting") },
    { name: "dashboard-inspect", title: "A panel, looked into", path: at(`/d/${brought.modern}`, { inspect: "3" }), see: (page) => page.getByRole("dialog").getByRole("row").nth(1) },
    { name: "dashboard-query", title: "A panel, its queries looked into", path: at(`/d/${brought.modern}`, { inspect: "1", inspectTab: "query" }), see: opened },
    { name: "dashboard-alone", title: "A panel alone", path: at(`/d/${brought.modern}`, { viewPanel: "1" }), see: canvas },
    { name: "dashboard-kiosk", title: "A dashboard on a wall", path: at(`/d/${brought.modern}`, { kiosk: "1" }), see: canvas },
    { name: "dashboard-library", title: "Panels that are made already", path: at(`/d/${brought.modern}`, { edit: "1" }), see: editing, act: (page) => choose("Add ▾", /^Panel from the library/)(page).then(() => opened(page).waitFor()) },
    { name: "dashboard-variables", title: "The variables of a dashboard", path: at(`/d/${brought.modern}`, { edit: "1" }), see: editing, act: opens("Variables") },
    { name: "dashboard-settings", title: "The settings of a dashboard", path: at(`/d/${brought.modern}`, { edit: "1" }), see: editing, act: opens("Settings") },
    {
      name: "dashboard-versions",
      title: "What a version of a dashboard has changed",
      path: at(`/d/${brought.modern}`, { edit: "1" }),
      see: editing,
      act: async (page) => {
        await opens("Versions")(page);
        await button("Compare")(page);
      },
    },
    {
      name: "dashboard-save",
      title: "A dashboard is saved",
      path: at(`/d/${brought.modern}`, { edit: "1" }),
      see: editing,
      act: async (page) => {
        await page.getByRole("group", { name: /^Share: arrow keys/ }).focus();
        await page.keyboard.press("Delete");
        await page.getByRole("toolbar", { name: "Edit the dashboard" }).getByRole("button", { name: "Save", exact: true }).click();
        await opened(page).waitFor();
      },
    },
    { name: "dashboard-share", title: "A dashboard is shared", path: at(`/d/${brought.modern}`), see: canvas, act: (page) => page.getByRole("button", { name: "Share", exact: true }).last().click().then(() => opened(page).waitFor()) },
    { name: "dashboards-folders", title: "Dashboards, folders", path: "/dashboards", see: row, act: opens("Folders") },
    { name: "dashboards-import", title: "Dashboards, import", path: "/dashboards/import" },
    {
      name: "snapshot",
      title: "A snapshot",
      path: at(`/d/${brought.modern}`),
      see: canvas,
      act: async (page) => {
        await page.getByRole("button", { name: "Share", exact: true }).last().click();
        await opened(page).getByRole("button", { name: "Take a snapshot" }).click();
        await opened(page).getByRole("link", { name: "Open the snapshot" }).click();
        await page.waitForURL(/\/snapshots\//);
        await canvas(page).waitFor();
      },
    },
    { name: "snapshots", title: "Snapshots", path: "/snapshots" },
    { name: "snapshots-empty", title: "Snapshots: empty", path: "/snapshots", server: "empty" },
    { name: "playlists", title: "Playlists", path: "/playlists", see: (page) => page.getByText("Wall of the shop") },
    { name: "playlists-new", title: "A new playlist", path: "/playlists", act: button("New playlist") },
    { name: "playlists-empty", title: "Playlists: empty", path: "/playlists", server: "empty" },
    { name: "alerts-rules", title: "Alerts, rules", path: at("/alerts", { tab: "rules" }), see: (page) => page.getByRole("list", { name: "Rules of shop" }), act: button("Details") },
    { name: "alerts-new-rule", title: "Alerts, a new rule", path: at("/alerts", { tab: "rules" }), see: (page) => page.getByRole("list", { name: "Rules of shop" }), act: (page) => button("New rule")(page).then(() => opened(page).waitFor()) },
    {
      name: "alerts-new-recording",
      title: "Alerts, a new recording rule with its series",
      path: at("/alerts", { tab: "rules", name: "job:http_requests:rate5m", expr: "sum by (job) (rate(http_server_request_duration_seconds_count[5m]))" }),
      see: opened,
      act: (page) => opened(page).getByText("Recording rule").click().then(() => opened(page).getByText("in this range").waitFor()),
    },
    { name: "alerts-history", title: "Alerts, history", path: at("/alerts", { tab: "history" }), see: (page) => page.getByRole("list").first() },
    { name: "alerts-silences", title: "Alerts, silences", path: at("/alerts", { tab: "silences" }), see: (page) => page.getByRole("button", { name: "New silence" }) },
    { name: "alerts-new-silence", title: "Alerts, a new silence", path: at("/alerts", { tab: "silences" }), see: (page) => page.getByRole("button", { name: "New silence" }), act: (page) => button("New silence")(page).then(() => opened(page).waitFor()) },
    { name: "alerts-routing", title: "Alerts, routing", path: at("/alerts", { tab: "routing" }), see: (page) => page.getByRole("list", { name: "Routes" }) },
    {
      name: "alerts-routing-test",
      title: "Alerts, who would hear of labels",
      path: at("/alerts", { tab: "routing" }),
      see: (page) => page.getByRole("list", { name: "Routes" }),
      act: async (page) => {
        await page.getByRole("textbox", { name: "Labels" }).fill("alertname=HighErrorRatio, severity=critical, job=shop/payment");
        await page.getByRole("button", { name: "Test", exact: true }).click();
        await page.getByRole("list", { name: "Receivers of these labels" }).waitFor();
      },
    },
    { name: "alerts-slos", title: "Alerts, objectives", path: at("/alerts", { tab: "slos" }), see: (page) => page.getByText("payment-availability").first() },
    { name: "alerts-new-slo", title: "Alerts, a new objective", path: at("/alerts", { tab: "slos" }), act: opens("New objective") },
    ...["cardinality", "storage", "targets", "queries", "status"].map((name) => ({ name: `data-${name}`, title: `Data: ${name}`, path: at("/data", { tab: name }) })),
    { name: "data-ingest-services", title: "Data: what comes in, by job and service", path: at("/data", { by: "service" }), see: (page) => page.getByRole("table", { name: "What comes in" }) },
    { name: "data-retention", title: "Data: how long data is kept, where a file says so", path: at("/data", { tab: "storage" }), see: (page) => page.getByRole("table", { name: "Retention" }), act: opens("Change how long logs are kept") },
    { name: "data-streams", title: "Data: cardinality of log streams", path: at("/data", { tab: "cardinality", of: "logs" }), see: row },
    { name: "data-attribute", title: "Data: values of an attribute of spans", path: at("/data", { tab: "cardinality", of: "spans", attribute: "resource.service.name" }), see: (page) => page.getByRole("table", { name: "Values of resource.service.name" }) },
    { name: "data-metric", title: "Data: cardinality of one metric", path: at("/data", { tab: "cardinality", metric: "http_server_request_duration_seconds_bucket" }), see: row },
    ...["profile", "appearance", "queries", "correlations", "users", "tenants", "datasources", "about"].map((name) => ({ name: `settings-${name}`, title: `Settings: ${name}`, path: `/settings/${name}` })),
    { name: "welcome", title: "Add data", path: "/welcome" },
    ...["otel-collector", "prometheus", "kubernetes", "grafana"].map((shipper) => ({ name: `welcome-${shipper}`, title: `Add data: ${shipper}`, path: `/welcome?shipper=${shipper}` })),
    { name: "first-run", title: "The first run", path: "/", server: "empty", see: (page) => page.getByText("Nothing has arrived yet") },
    { name: "not-found", title: "A page that is not there", path: "/nowhere" },
    {
      name: "palette",
      title: "The palette",
      path: at("/data"),
      act: async (page) => {
        await page.keyboard.press("Control+k");
        await page.getByRole("combobox", { name: "Go to, or do" }).fill("pay");
        await page.getByRole("option", { name: "payment" }).first().waitFor();
      },
    },
    { name: "time-picker", title: "The time picker", path: at("/data"), act: (page) => page.getByRole("textbox", { name: "Time range" }).click() },
    { name: "keyboard", title: "The keys", path: at("/data"), act: (page) => button("Keyboard shortcuts")(page).then(() => opened(page).waitFor()) },
    { name: "share", title: "Sharing", path: goroutines, see: canvas, act: (page) => button("Share")(page).then(() => page.getByRole("menuitem").first().waitFor()) },
    { name: "phone-overview", title: "Overview on a phone", path: at("/"), see: row, size: phone },
    { name: "phone-logs", title: "Logs on a phone", path: at("/explore/logs", { q: errors }, long), see: (page) => page.getByRole("row").first(), size: phone },
  ];
}

// What Oriel and the shop measure themselves is the demo's; the rest is made up.
const builtIn = [
  ["oriel", "Oriel", "demo"],
  ["oriel-services", "Services", "demo"],
  ["oriel-alerts", "Alerts", "demo"],
  ["oriel-logs", "Log volume", "demo"],
  ["oriel-go", "Go runtime", "demo"],
  ["oriel-host", "Host", "fed"],
  ["oriel-jvm", "JVM", "fed"],
  ["oriel-k8s-cluster", "Kubernetes, cluster", "fed"],
  ["oriel-k8s-namespace", "Kubernetes, namespace", "fed"],
  ["oriel-k8s-pod", "Kubernetes, pod", "fed"],
  ["oriel-kafka", "Kafka", "fed"],
  ["oriel-nginx", "Nginx", "fed"],
  ["oriel-postgresql", "PostgreSQL", "fed"],
  ["oriel-redis", "Redis", "fed"],
];

/** The dashboards that come with Oriel. */
const comesWith = builtIn.map(([uid, title, server]) => ({ name: `built-in-${uid.replace(/^oriel-/, "")}`, title: `Comes with Oriel: ${title}`, path: at(`/d/${uid}`), server, see: canvas, size: tall }));

const settings = (tab, detail, title, view = {}) => ({ name: `people-${tab}${detail}`, title: `Settings: ${title}`, path: `/settings/${tab}`, server: "guarded", see: row, ...view });

/** Pages of a server that wants to know who asks, with what populate in people.mjs brings. */
export const people = [
  { name: "login", title: "Signing in", path: "/login", server: "stranger", see: (page) => page.getByRole("form", { name: "Sign in" }) },
  {
    name: "login-wrong",
    title: "Signing in with a wrong password",
    path: "/login",
    server: "stranger",
    complains: /401/,
    see: (page) => page.getByRole("form", { name: "Sign in" }),
    act: async (page) => {
      await page.getByLabel("User").fill("eve");
      await page.getByRole("textbox", { name: "Password" }).fill("guessed it, maybe");
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await failure(page).waitFor();
    },
  },
  {
    name: "login-code",
    title: "Signing in, with a second factor",
    path: "/login",
    server: "guarded",
    complains: /401/,
    see: (page) => page.getByRole("form", { name: "Sign in" }),
    act: async (page) => {
      await page.getByLabel("User").fill("grace");
      await page.getByRole("textbox", { name: "Password" }).fill(password);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByLabel(/^Code of your authenticator/).waitFor();
    },
  },
  { name: "login-refused", title: "Signing in with a provider that knows of no role", path: "/login?refused=norole&provider=corp", server: "stranger", see: failure },
  { name: "first-admin", title: "The first administrator", path: "/welcome?setup=x", server: "stranger", see: (page) => page.getByRole("form", { name: "First administrator" }) },
  settings("profile", "", "one's own account", { see: (page) => page.getByRole("form", { name: "Password" }) }),
  settings("profile", "-factor", "a second factor is added", {
    see: (page) => page.getByRole("form", { name: "Add a second factor" }),
    act: async (page) => {
      await page.getByRole("form", { name: "Add a second factor" }).getByRole("textbox", { name: "Password" }).fill(password);
      await button("Add an authenticator")(page);
      await page.getByRole("img", { name: /QR code/ }).waitFor();
    },
  }),
  settings("users", "", "users"),
  settings("users", "-remove", "users, one to be removed", { act: button("Remove grace") }),
  settings("users", "-phone", "users on a phone", { size: phone }),
  settings("roles", "", "roles"),
  settings("tokens", "", "tokens"),
  settings("tokens", "-made", "a token, the one time that it is shown", {
    act: async (page) => {
      await page.getByRole("textbox", { name: "Name" }).fill("deploys");
      await button("Make the token")(page);
      await page.getByText("Copy it now").waitFor();
    },
  }),
  settings("sessions", "", "sessions"),
  settings("tenants", "", "tenants", { act: (page) => button("Count what bank has")(page).then(() => page.getByText("1 log line").waitFor()) }),
  settings("tenants", "-delete", "a tenant to be deleted", { act: (page) => button("Delete bank")(page).then(() => page.getByText("would be gone").waitFor()) }),
  { name: "people-retention", title: "Data: how long data is kept, by an administrator", path: at("/data", { tab: "storage" }), server: "guarded", see: (page) => page.getByRole("table", { name: "Retention" }), act: opens("Change how long logs are kept") },
  { name: "people-add-data", title: "Add data, with a token", path: "/welcome?shipper=prometheus", server: "guarded", act: (page) => button("Make a token for it")(page).then(() => page.getByText("The token is in the snippet").waitFor()) },
  {
    name: "people-tenant",
    title: "Whose data it is",
    path: at("/data"),
    server: "guarded",
    act: async (page) => {
      await page.getByRole("combobox", { name: "Tenant" }).click();
      await page.getByRole("option", { name: "bank", exact: true }).waitFor();
    },
  },
  { name: "people-menu", title: "Who is signed in", path: at("/data"), server: "guarded", act: (page) => page.getByRole("button", { name: "Signed in as ada" }).click() },
  { name: "people-audit", title: "The audit log", path: at("/explore/logs", { q: '{log_source="audit"} | json' }), server: "guarded", see: canvas },
];

/** All views of servers that have `facts`. */
export function viewsOf(facts) {
  const states = pages(facts).flatMap(({ name, title, path, blank = path(nothingThen), see, complains }) => [
    { name, title, path: path(recent), see },
    { name: `${name}-loading`, title: `${title}: loading`, path: path(recent), see: loading, answers: "none" },
    ...(blank === "" ? [] : [{ name: `${name}-empty`, title: `${title}: empty`, path: blank, complains }]),
    { name: `${name}-failing`, title: `${title}: failing`, path: path(recent), see: failure, answers: "failing", complains: /500/ },
  ]);
  // An alert does not fire for long.
  const [firing, rest] = [true, false].map((first) => [...states, ...details(facts)].filter(({ name }) => /^(?:phone-)?alerts?$/.test(name) === first));
  return [...firing, ...rest, ...comesWith, ...people].map((view) => ({ server: "demo", ...view }));
}

/** A trace that failed, its span that did, another that failed, and an alert that fires, of a demo whose incident has begun. */
export async function findFacts(base) {
  const ask = async (path) => {
    const answer = await fetch(base + path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const { traces } = await ask(`/tempo/api/search?${new URLSearchParams({ q: '{ resource.service.name = "payment" && status = error }', limit: "2" })}`);
  const alerts = await ask("/alertmanager/api/v2/alerts");
  const alert = alerts.find(({ labels }) => labels.alertname === "HighErrorRatio" && labels.job === "shop/payment") ?? alerts.find(({ labels }) => labels.alertname === "HighErrorRatio");
  const [trace, other] = traces ?? [];
  if (!trace || !other || !alert) return undefined;
  return { trace: trace.traceID, other: other.traceID, span: trace.spanSets?.[0]?.spans?.[0]?.spanID ?? trace.spanSet?.spans?.[0]?.spanID ?? "", fingerprint: alert.fingerprint };
}

const api = /\/(?:api|loki|tempo|jaeger|alertmanager|prometheus|oriel\/api)\//;

const refusals = {
  failing: { status: 500, error: "read part 7: input/output error" },
  limited: { status: 429, error: 'tenant "shop" has 4 queries already (limits.rates max_concurrent_queries): try again in 1s' },
  expired: { status: 401, error: "/api/v1/query takes read: show a token, or log in" },
  forbidden: { status: 403, error: "ada may not use /oriel/api/v1/rules, which takes alerts:write" },
};

/** Brings a page of a browser to a view, on the server at `base`. */
export async function show(page, base, view) {
  await page.setViewportSize(view.size ?? { width: 1280, height: 800 });
  if (view.answers === "none") await page.route(api, () => {});
  const refused = refusals[view.answers];
  if (refused) await page.route(api, (route) => route.fulfill({ status: refused.status, json: { status: "error", error: refused.error } }));
  await page.goto(base + view.path);
  await (view.see?.(page) ?? page.getByRole("heading", { level: 1 })).waitFor();
  await view.act?.(page);
  if (view.answers === "none") await page.locator("#main [data-skeleton]").or(cancel(page)).first().waitFor();
  else await settled(page);
}

/** Takes back what show has set up. */
export async function leave(page) {
  await page.unrouteAll({ behavior: "ignoreErrors" });
}

/** Waits until nothing has been loading, and the page has had the same height, for a moment. */
async function settled(page) {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForFunction(
    () => {
      const busy = document.querySelector("[role=status][aria-label^=Loading], [data-busy=true]") !== null;
      const now = performance.now();
      globalThis.quietSince = busy ? undefined : (globalThis.quietSince ?? now);
      return !busy && now - globalThis.quietSince > 300;
    },
    undefined,
    { polling: 100 },
  );
}
