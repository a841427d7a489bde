/** A page by name, as the rail and the palette offer it. */
export interface NamedPage {
  to: string;
  title: string;
  /** Pressed after `g`, goes there. */
  key?: string;
  /** Heading that it stands under. */
  group?: string;
  /** Further words that find it. */
  words?: string;
  /** In the rail; others are found from other pages and by the palette. */
  rail?: true;
}

/** Every page that has one address, in the order of an investigation. */
export const pages: readonly NamedPage[] = [
  { to: "/", title: "Overview", key: "o", rail: true, words: "home start" },
  { to: "/services", title: "Services", key: "s", rail: true, words: "apm red" },
  { to: "/services/map", title: "Service map", key: "n", rail: true, words: "graph dependencies topology" },
  { to: "/explore/metrics", title: "Metrics", key: "m", group: "Explore", rail: true, words: "promql prometheus" },
  { to: "/explore/logs", title: "Logs", key: "l", group: "Explore", rail: true, words: "logql loki lines" },
  { to: "/explore/traces", title: "Traces", key: "t", group: "Explore", rail: true, words: "traceql tempo jaeger spans" },
  { to: "/dashboards", title: "Dashboards", key: "d", rail: true, words: "grafana" },
  { to: "/alerts", title: "Alerts", key: "a", rail: true, words: "firing rules" },
  { to: "/data", title: "Data", key: "i", rail: true, words: "ingest storage cardinality status" },
  { to: "/d/oriel", title: "Oriel itself", key: "r", rail: true, words: "self monitoring health" },
  { to: "/settings/profile", title: "Settings", key: "e", rail: true, words: "preferences zone password second factor" },
  { to: "/dashboards/import", title: "Import dashboards", group: "Dashboards", words: "grafana json upload" },
  { to: "/welcome", title: "Add data", words: "onboarding first run send ingest collector agent snippets" },
  { to: "/settings/appearance", title: "Appearance", group: "Settings", words: "theme dark light contrast density colours palette" },
  { to: "/settings/queries", title: "Saved queries", group: "Settings", words: "kept promql logql traceql" },
  { to: "/settings/correlations", title: "Correlation rules", group: "Settings", words: "correlate links signals" },
  { to: "/settings/tenants", title: "Tenants and limits", group: "Settings", words: "retention quota" },
  { to: "/settings/datasources", title: "Data sources", group: "Settings" },
  { to: "/settings/tokens", title: "Tokens", group: "Settings", words: "api keys" },
  { to: "/settings/users", title: "Users", group: "Settings", words: "roles people" },
  { to: "/settings/about", title: "About", group: "Settings", words: "version licences" },
];

/** What a path's page is called, and the heading it stands under. */
export function pageTitle(path: string): { title: string; group: string } {
  const page = pages.find((one) => one.to === path);
  if (page) return { title: page.title, group: page.group ?? "" };
  if (path.startsWith("/trace/")) return { title: "Trace", group: "" };
  if (path.startsWith("/services/")) return { title: decoded(path.slice("/services/".length)), group: "Services" };
  // A page below another has its name, until it says its own.
  const above = pages.findLast((one) => one.to !== "/" && path.startsWith(`${one.to}/`)) ?? (path.startsWith("/settings") ? { title: "Settings" } : undefined);
  return { title: above?.title ?? "", group: "" };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
