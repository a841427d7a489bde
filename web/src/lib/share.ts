import type { Language } from "./palette";
import type { TimeRange } from "./time";
import type { RawSearch } from "./urlState";

/** A query that a page shows. */
export interface SharedQuery {
  language: Language;
  query: string;
}

const languages: Record<string, Language> = { "/explore/metrics": "promql", "/explore/logs": "logql", "/explore/traces": "traceql" };

/** The queries that an address holds, as its page reads them. */
export function queriesOf(path: string, search: RawSearch): SharedQuery[] {
  const language = languages[path];
  if (!language) return [];
  const queries = typeof search.q === "string" ? [search.q] : (search.q ?? []);
  return queries.filter((query) => query.trim() !== "").map((query) => ({ language, query }));
}

/** A command that asks the server at `base` what the page asked. */
export function curlOf({ language, query }: SharedQuery, base: string, range: TimeRange, headers: Readonly<Record<string, string>> = {}): string {
  const seconds = (ms: number): string => (ms / 1000).toFixed(3).replace(/\.?0+$/, "");
  const step = Math.max(1, Math.round((range.to - range.from) / 250_000));
  const [path, params]: [string, [string, string][]] =
    language === "promql"
      ? ["/api/v1/query_range", [["query", query], ["start", seconds(range.from)], ["end", seconds(range.to)], ["step", `${step}`]]]
      : language === "logql"
        ? ["/loki/api/v1/query_range", [["query", query], ["start", `${Math.floor(range.from)}000000`], ["end", `${Math.ceil(range.to)}000000`], ["limit", "1000"]]]
        : ["/tempo/api/search", [["q", query], ["start", `${Math.floor(range.from / 1000)}`], ["end", `${Math.ceil(range.to / 1000)}`], ["limit", "100"]]];
  return [`curl -G ${shell(base + path)}`, ...Object.entries(headers).map(([name, value]) => `-H ${shell(`${name}: ${value}`)}`), ...params.map(([name, value]) => `--data-urlencode ${shell(`${name}=${value}`)}`)].join(" \\\n  ");
}

/** `text` as one word of a POSIX shell. */
function shell(text: string): string {
  return /^[\w./:=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The address of the page, relative to the site: as it moves with time, or with the range as it is now. */
export function linkOf(href: string, range?: TimeRange): string {
  const link = new URL(href);
  if (range) {
    link.searchParams.set("from", String(Math.floor(range.from)));
    link.searchParams.set("to", String(Math.ceil(range.to)));
    link.searchParams.delete("refresh");
  }
  return link.toString();
}
