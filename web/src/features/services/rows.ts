import type { CallMap, Profile, ServiceRed } from "../../api/services";

/** A service in the list of them: its numbers where it sent spans, and what it says of itself where that is known. */
export interface ServiceRow {
  name: string;
  red: ServiceRed | undefined;
  profile: Profile | undefined;
  /** How many others it calls; undefined where that is not known. */
  dependencies: number | undefined;
}

/** Every service that sent spans or log lines, those with numbers first. */
export function serviceRows(services: readonly ServiceRed[], profiles: readonly Profile[] | undefined, map: CallMap | undefined): ServiceRow[] {
  const byName = new Map(profiles?.map((one) => [one.name, one]));
  const called = new Map<string, Set<string>>();
  for (const { client, server } of map?.edges ?? []) called.set(client, (called.get(client) ?? new Set()).add(server));
  const row = (name: string, red: ServiceRed | undefined): ServiceRow => ({
    name,
    red,
    profile: byName.get(name),
    dependencies: map && (called.get(name)?.size ?? 0),
  });
  const measured = new Set(services.map(({ name }) => name));
  return [...services.map((one) => row(one.name, one)), ...(profiles ?? []).flatMap(({ name }) => (measured.has(name) ? [] : [row(name, undefined)]))];
}

/** The values that any of the services has, in order. */
export function valuesOf(rows: readonly ServiceRow[], of: (profile: Profile) => readonly string[]): string[] {
  return [...new Set(rows.flatMap(({ profile }) => (profile ? of(profile) : [])))].toSorted();
}

/** One of several values as the whole of them, cut where there are many. */
export function shortList(values: readonly string[], most = 2): string {
  return values.length <= most ? values.join(", ") : `${values.slice(0, most).join(", ")} +${values.length - most}`;
}
