import * as z from "zod/mini";

/** What somebody likes, kept in the browser: it changes how things look, never what a link shows. */
export interface Prefs {
  theme: "system" | "light" | "dark" | "contrast";
  density: "default" | "compact";
  /** What tells series of a chart apart: colours, or dashes as well. */
  series: "colours" | "distinct";
  /** Zone of pages whose link names none: "browser", "utc" or an IANA name. */
  zone: string;
  /** The page that Oriel opens with, as a path. */
  start: string;
  /** Single keys such as `r` and `g o`; those with Ctrl stay. */
  shortcuts: boolean;
}

export const defaultPrefs: Prefs = { theme: "system", density: "default", series: "colours", zone: "browser", start: "/", shortcuts: true };

const schema = z.object({
  theme: z.catch(z.enum(["system", "light", "dark", "contrast"]), defaultPrefs.theme),
  density: z.catch(z.enum(["default", "compact"]), defaultPrefs.density),
  series: z.catch(z.enum(["colours", "distinct"]), defaultPrefs.series),
  zone: z.catch(z.string(), defaultPrefs.zone),
  start: z.catch(z.string().check(z.regex(/^\/(?!\/)/)), defaultPrefs.start),
  shortcuts: z.catch(z.boolean(), defaultPrefs.shortcuts),
});

/** Reads preferences as they were stored; what is unreadable is at its default. */
export function readPrefs(text: string | null): Prefs {
  try {
    return schema.parse(text === null ? {} : JSON.parse(text));
  } catch {
    return defaultPrefs;
  }
}
