import { fromAlertmanager } from "./alertmanager";
import { fromExplore, fromSolo } from "./grafana";
import { fromJaegerSearch, fromJaegerTrace } from "./jaeger";
import { fromPrometheus } from "./prometheus";

/** An address as it came: a path without a prefix, "?…" or "", and "#…" or "". */
export interface Incoming {
  pathname: string;
  search: string;
  hash: string;
}

/**
 * Where a link that was made for Grafana, Prometheus, Alertmanager or Jaeger leads here; undefined for Oriel's own. The
 * tenant that a notification's link is about goes along.
 */
export function translate(incoming: Incoming): string | undefined {
  const there = translated(incoming);
  const tenant = new URLSearchParams(incoming.search).get("tenant");
  if (there === undefined || !tenant || /[?&]tenant=/.test(there)) return there;
  return `${there}${there.includes("?") ? "&" : "?"}tenant=${encodeURIComponent(tenant)}`;
}

function translated({ pathname, search, hash }: Incoming): string | undefined {
  const path = pathname.length > 1 ? pathname.replace(/\/+$/, "") : pathname;
  const params = new URLSearchParams(search);
  if (hash.startsWith("#/")) return fromAlertmanager(hash);
  switch (path) {
    case "/graph":
    case "/query":
      return fromPrometheus(params) ?? (path === "/graph" ? "/explore/metrics" : undefined);
    case "/explore":
      return fromExplore(params) ?? "/explore/metrics";
    case "/search":
      return fromJaegerSearch(params) ?? "/explore/traces";
    case "/dependencies":
      return "/services/map";
    case "/alerting/list":
      return "/alerts";
    case "/targets":
      return "/data?tab=targets";
    case "/rules":
      return "/alerts?tab=rules";
    default:
      break;
  }
  const [, view, tab] = /^\/(alerts|data)\/([a-z]+)$/.exec(path) ?? [];
  if (view !== undefined && tab !== undefined) {
    params.set("tab", tab);
    return `/${view}?${params.toString()}`;
  }
  const [, id] = /^\/trace\/([^/]+)$/.exec(path) ?? [];
  if (id !== undefined) return fromJaegerTrace(decodeURIComponent(id), params);
  return fromSolo(path, params);
}

// Where the page of another tool begins, behind the prefix it may be served under.
const pages = /\/(?:d\/[^/]+(?:\/[^/]*)?|d-solo\/[^/]+(?:\/[^/]*)?|explore|graph|query|search|trace\/[^/]+|dependencies|alerts|rules|targets|dashboards)\/?$/;

/**
 * Where a URL that somebody pasted leads here. Links of this server (`origin` and `prefix`) stay as they are; of others,
 * whatever prefix they are under, those of a known page are translated.
 */
export function translateURL(text: string, origin: string, prefix: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    return undefined;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  const { search, hash } = url;
  if (url.origin === origin && (prefix === "" || url.pathname === prefix || url.pathname.startsWith(`${prefix}/`))) {
    const pathname = url.pathname.slice(prefix.length) || "/";
    return translate({ pathname, search, hash }) ?? pathname + search;
  }
  if (hash.startsWith("#/")) return fromAlertmanager(hash);
  const [pathname] = pages.exec(url.pathname) ?? [];
  if (pathname === undefined) return undefined;
  return translate({ pathname, search, hash }) ?? pathname.replace(/\/$/, "") + search;
}
