import { boot } from "../lib/boot";
import { tenantHeaders } from "../lib/tenant";

// An answer that nobody has come for by then is old.
const kept = 10_000;

const answers = new Map<string, Promise<Response>>();

/** Asks for what the page at `path` begins with, while the code of that page is still on its way. */
export function askEarly(path: string): void {
  for (const address of addressesOf(path)) {
    const answer = fetch(boot.prefix + address, { headers: { Accept: "application/json", ...tenantHeaders() } });
    // Its failure is for whoever takes it.
    answer.catch(() => {});
    answers.set(boot.prefix + address, answer);
    setTimeout(() => answers.delete(boot.prefix + address), kept);
  }
}

/** The answer to what was asked for early, for the first who comes. */
export function takeEarly(address: string): Promise<Response> | undefined {
  const answer = answers.get(address);
  answers.delete(address);
  return answer;
}

function addressesOf(path: string): string[] {
  // Where a notification leads: its graph waits for both.
  if (path === "/alerts") return ["/api/v1/rules", "/alertmanager/api/v2/alerts"];
  const [, page, id] = /^\/(trace|d)\/([^/]+)/.exec(path) ?? [];
  if (id === undefined) return [];
  return page === "trace" ? [`/tempo/api/v2/traces/${id}`] : [`/oriel/api/v1/dashboards/${id}`, "/oriel/api/v1/datasources"];
}
