import * as z from "zod/mini";

/** Search parameters as the router holds them: every value is text, a repeated key is a list. */
export type RawSearch = Record<string, string | string[] | undefined>;

/** Reads a query string. Values stay text: a log query `123` is not a number. */
export function parseSearch(query: string): RawSearch {
  const search: RawSearch = {};
  for (const [key, value] of new URLSearchParams(query)) {
    const before = search[key];
    if (before === undefined) search[key] = value;
    else if (Array.isArray(before)) before.push(value);
    else search[key] = [before, value];
  }
  return search;
}

/** Writes a query string with its "?", or "" when nothing is set. Absent values and empty lists leave no trace. */
export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one === "string") params.append(key, one);
      else if (typeof one === "number" || typeof one === "boolean") params.append(key, String(one));
    }
  }
  const query = params.toString();
  return query === "" ? "" : `?${query}`;
}

/**
 * The URL state of one page: how its parameters are read and written. A parameter that does not fit its schema
 * counts as absent, so an old or mistyped link opens the page instead of an error.
 */
export interface UrlSchema<T> {
  /** Values of the page, each at its default where the URL has none. */
  read(search: RawSearch): T;
  /** The search that `patch` turns `search` into; what equals its default is left out. */
  write(search: RawSearch, patch: Partial<T>): RawSearch;
}

/** One parameter: its text form to its value, or a refusal by the schema. */
export interface Param<V> {
  readonly schema: z.ZodMiniType<V, unknown>;
  readonly fallback: V;
  encode(value: V): string | string[];
  /** Written also where it is the fallback: absent and "the fallback, by choice" differ. */
  readonly kept?: boolean;
}

/** `param`, written to the URL also where it is at its fallback. */
function kept<V>(param: Param<V>): Param<V> {
  return { ...param, kept: true };
}

/** Free text, such as a query. */
export function text(fallback = ""): Param<string> {
  return { schema: z.string() as z.ZodMiniType<string, unknown>, fallback, encode: (value) => value };
}

/** One of a few words. */
export function choice<const V extends string>(values: readonly V[], fallback: NoInfer<V>): Param<V> {
  return {
    schema: z.enum(values as readonly [V, ...V[]]) as unknown as z.ZodMiniType<V, unknown>,
    fallback,
    encode: (value) => value,
  };
}

/** A switch: `1` is on. */
export function flag(fallback = false): Param<boolean> {
  return {
    schema: z.pipe(
      z.enum(["0", "1"]),
      z.transform((word) => word === "1"),
    ) as z.ZodMiniType<boolean, unknown>,
    fallback,
    encode: (value) => (value ? "1" : "0"),
  };
}

/** A repeatable text parameter: one pane, one column each. */
export function list(fallback: readonly string[] = []): Param<readonly string[]> {
  return {
    schema: z.pipe(
      z.union([z.string(), z.array(z.string())]),
      z.transform((value): readonly string[] => (typeof value === "string" ? [value] : value)),
    ) as z.ZodMiniType<readonly string[], unknown>,
    fallback,
    encode: (value) => [...value],
  };
}

/** Makes the URL schema of a page out of its parameters. */
export function urlSchema<T extends object>(params: { [K in keyof T]: Param<T[K]> }): UrlSchema<T> {
  const keys = Object.keys(params) as (keyof T & string)[];
  return {
    read(search) {
      const values: Partial<T> = {};
      for (const key of keys) {
        const param = params[key];
        const parsed = param.schema.safeParse(search[key]);
        values[key] = parsed.success ? parsed.data : param.fallback;
      }
      return values as T;
    },
    write(search, patch) {
      const next: RawSearch = { ...search };
      for (const key of keys) {
        if (!(key in patch)) continue;
        const param = params[key];
        const value = patch[key];
        const encoded = value === undefined ? undefined : param.encode(value);
        const same = JSON.stringify(encoded) === JSON.stringify(param.encode(param.fallback));
        next[key] = same && !param.kept ? undefined : encoded;
      }
      return next;
    },
  };
}

/** The parameters every page shares; `from` and `to` have Grafana's grammar. */
export interface SharedState {
  from: string;
  to: string;
  /** "browser", "utc" or an IANA name. */
  tz: string;
  /** "off", "auto" or a duration such as "30s". */
  refresh: string;
}

/**
 * The parameters that go along from page to page; `tenant` is there only where data is kept apart (lib/tenant), `env` where
 * one deployment environment is chosen (components/environment).
 */
export const sharedKeys = ["from", "to", "tz", "refresh", "tenant", "env"] as const;

// A dashboard has times of its own where the URL says none, so a choice is always written.
export const sharedState: UrlSchema<SharedState> = urlSchema<SharedState>({
  from: kept(text("now-1h")),
  to: kept(text("now")),
  tz: kept(text("browser")),
  refresh: kept(text("off")),
});
