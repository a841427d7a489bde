import { environmentAttributes, environmentLabels } from "../lib/environment";
import { writeFilters } from "../lib/filterState";
import type { TimeRange } from "../lib/time";
import { msToNano } from "../lib/timeFormat";
import { attributeField, writeConditions } from "../lib/traceqlEdit";
import { labelValues as logValues } from "./loki";
import { labelValues as seriesValues } from "./prom";
import { tagValues } from "./tempo";

/** What the page at `path` says in its address to be of one environment; undefined where nothing of its signal tells one. */
export async function filterFor(path: string, env: string, range: TimeRange, signal: AbortSignal): Promise<Record<string, string> | undefined> {
  const has = async <K extends string>(keys: readonly K[], ask: (key: K) => Promise<readonly string[]>): Promise<K | undefined> => {
    const found = await Promise.all(keys.map(ask));
    return keys.find((_, index) => found[index]?.includes(env));
  };
  switch (path) {
    case "/explore/logs": {
      const label = await has(environmentLabels, (name) => logValues(name, { start: msToNano(range.from), end: msToNano(range.to) }, signal));
      return label && { q: `{${label}=${JSON.stringify(env)}}` };
    }
    case "/explore/metrics": {
      const label = await has(environmentLabels, (name) => seriesValues(name, range, signal));
      return label && { mode: "browse", f: writeFilters([{ name: label, op: "=", value: env }]) };
    }
    case "/explore/traces": {
      const attribute = await has(environmentAttributes, (name) => tagValues(`resource.${name}`, { query: "{}", start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) }, signal));
      return attribute && { q: writeConditions([{ field: attributeField("resource", attribute), op: "=", value: env, quoted: true }]) };
    }
    default:
      return undefined;
  }
}
