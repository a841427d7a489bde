import type { DashboardLink } from "./model";

/** Where a link of a dashboard leads: a path of this page, or an address elsewhere. */
export interface Target {
  href: string;
  /** Whether it stays in this page. */
  local: boolean;
}

const schemes = /^(https?:|mailto:)/i;

/** A link's address; one with a scheme that could run code leads nowhere. */
export function linkTarget(url: string): Target | undefined {
  const text = url.trim();
  if (text === "") return undefined;
  if (schemes.test(text)) return { href: text, local: false };
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) || text.startsWith("//")) return undefined;
  return { href: text.startsWith("/") || text.startsWith("?") || text.startsWith("#") ? text : `/${text}`, local: true };
}

/** `url` with parameters appended; empty ones leave no trace. */
export function withParams(url: string, params: readonly string[]): string {
  const given = params.filter((one) => one !== "").join("&");
  if (given === "") return url;
  const [path = "", hash] = url.split("#", 2);
  const joined = `${path}${path.includes("?") ? (/[?&]$/.test(path) ? "" : "&") : "?"}${given}`;
  return hash === undefined ? joined : `${joined}#${hash}`;
}

/** What a dashboard link hands over. */
export interface Handover {
  /** `from=…&to=…`. */
  time: string;
  /** `var-a=…&var-b=…`. */
  variables: string;
}

/** The address of a dashboard's link, or of one of the dashboards that its tags find. */
export function dashboardHref(link: DashboardLink, base: string, handover: Handover): string {
  return withParams(base, [link.keepTime ? handover.time : "", link.includeVars ? handover.variables : ""]);
}
