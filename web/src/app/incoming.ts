import { prefsNow } from "../components/usePrefs";
import { boot } from "../lib/boot";
import { translate } from "../lib/foreign/translate";

/**
 * Puts the address at which the page was opened in Oriel's own form, before the router reads it: links made for Grafana,
 * Prometheus, Alertmanager and Jaeger, and the start page that somebody prefers.
 */
export function settleAddress(): void {
  const { pathname, search, hash } = location;
  const own = pathname.startsWith(boot.prefix) ? pathname.slice(boot.prefix.length) || "/" : pathname;
  // Whoever may do nothing signs in first, and comes back here; the set-up link and the way in are for everybody.
  if (boot.auth && boot.roles.length === 0 && own !== "/login" && own !== "/welcome") {
    const next = new URLSearchParams({ next: translate({ pathname: own, search, hash }) ?? own + search });
    history.replaceState(history.state, "", `${boot.prefix}/login?${next.toString()}`);
    return;
  }
  const there = translate({ pathname: own, search, hash }) ?? (own === "/" && search === "" && hash === "" ? prefsNow().start : undefined);
  if (there !== undefined && there !== own + search) history.replaceState(history.state, "", boot.prefix + there);
}

/** Links with a fragment of Alertmanager's lead on also where the page is open already. */
export function followFragments(go: (to: string) => void): () => void {
  const onChange = (): void => {
    const there = location.hash.startsWith("#/") ? translate({ pathname: "/", search: "", hash: location.hash }) : undefined;
    if (there !== undefined) go(there);
  };
  window.addEventListener("hashchange", onChange);
  return () => window.removeEventListener("hashchange", onChange);
}
