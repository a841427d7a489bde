import { num, obj, objs, str, type Obj } from "./json";

// What people call the members of a panel's JSON.
const ofPanels: Readonly<Record<string, string>> = {
  targets: "queries",
  fieldConfig: "fields",
  datasource: "data source",
  repeatDirection: "direction of repeats",
  maxPerRow: "repeats in a row",
  interval: "interval of queries",
  maxDataPoints: "most points of queries",
  timeFrom: "own time range",
  timeShift: "shift in time",
  hideTimeOverride: "own time range",
  transparent: "background",
  libraryPanel: "library panel",
  pluginVersion: "version of the panel type",
  cacheTimeout: "cache",
  queryCachingTTL: "cache",
};

// And of the dashboard's own.
const ofDashboards: Readonly<Record<string, string>> = {
  time: "time range",
  timezone: "time zone",
  timepicker: "time picker",
  refresh: "refresh",
  graphTooltip: "shared crosshair",
  weekStart: "first day of weeks",
  fiscalYearStartMonth: "fiscal year",
  liveNow: "live now",
  schemaVersion: "version of the JSON",
  folderUid: "folder",
  __inputs: "inputs of the export",
  __requires: "needs of the export",
  __elements: "library panels of the export",
};

/** What was changed of a panel, in words: "moved", "resized", "queries". */
export function panelWords(members: readonly string[], before: Obj, after: Obj): string[] {
  return unique(members.flatMap((member) => (member === "gridPos" || member === "span" || member === "height" ? placeWords(obj(before.gridPos), obj(after.gridPos)) : [ofPanels[member] ?? member])));
}

/** What was changed of the dashboard itself; of variables, annotations and links which. */
export function dashboardWords(members: readonly string[], before: Obj, after: Obj): string[] {
  return unique(
    members.flatMap((member) => {
      switch (member) {
        case "templating":
          return named("variable", "variables", objs(obj(before.templating).list), objs(obj(after.templating).list), "name");
        case "annotations":
          return named("annotation", "annotations", objs(obj(before.annotations).list), objs(obj(after.annotations).list), "name");
        case "links":
          return named("link", "links", objs(before.links), objs(after.links), "title");
        default:
          return [ofDashboards[member] ?? member];
      }
    }),
  );
}

function placeWords(before: Obj, after: Obj): string[] {
  const differs = (key: string): boolean => num(before[key]) !== num(after[key]);
  const words = [differs("x") || differs("y") ? "moved" : "", differs("w") || differs("h") ? "resized" : ""].filter(Boolean);
  return words.length === 0 ? ["moved"] : words;
}

function named(noun: string, nouns: string, before: readonly Obj[], after: readonly Obj[], key: string): string[] {
  const [old, now] = [before, after].map((all) => new Map(all.map((one) => [str(one[key]), JSON.stringify(one)]))) as [Map<string, string>, Map<string, string>];
  const differing = unique([...old.keys(), ...now.keys()]).filter((name) => name !== "" && old.get(name) !== now.get(name));
  if (differing.length === 0) return [nouns];
  return differing.map((name) => `${noun} ${name}${!old.has(name) ? " added" : !now.has(name) ? " removed" : ""}`);
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}
