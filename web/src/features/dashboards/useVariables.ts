import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";

import { useTime } from "../../components/time/TimeContext";
import type { Source } from "../../lib/dashboard/datasource";
import type { Scope } from "../../lib/dashboard/interpolate";
import type { Dashboard, VariableModel } from "../../lib/dashboard/model";
import { choose, fromSearch, inRounds, parseFilter, staticOptions, variableScope, type VariableState } from "../../lib/dashboard/variables";
import { filterOptions, sortOptions } from "../../lib/dashboard/variableOptions";
import type { TimeRange } from "../../lib/time";
import type { RawSearch } from "../../lib/urlState";
import { variableValues } from "./run/variableValues";

/** The variables of a dashboard, asked for and chosen; undefined until they first are. */
export interface Variables {
  states: VariableState[] | undefined;
  /** True while another choice is being worked out; the states are still those before. */
  busy: boolean;
}

/** Asks for the options of all variables, each after the ones that it depends on. */
export function useVariables(dashboard: Dashboard, sources: readonly Source[] | undefined, page: Scope): Variables {
  const search: RawSearch = useSearch({ strict: false });
  const client = useQueryClient();
  const { range, raw, tick } = useTime();
  const chosen = useMemo(
    () => Object.fromEntries(dashboard.variables.flatMap((one): [string, string[]][] => {
      const given = one.skipUrlSync ? undefined : fromSearch(search, one.name);
      return given ? [[one.name, given]] : [];
    })),
    [dashboard.variables, search],
  );
  const moves = dashboard.variables.some((one) => one.type === "query" && one.refresh === "range");
  const answer = useQuery<VariableState[]>({
    queryKey: ["dashboard", "variables", dashboard.uid, dashboard.variables, chosen, sources?.map((one) => one.uid), moves ? [raw, tick] : [raw]],
    enabled: sources !== undefined,
    placeholderData: (before, query) => (query?.queryKey[2] === dashboard.uid ? before : undefined),
    queryFn: ({ signal }) => resolveVariables({ dashboard, chosen, sources: sources ?? [], page, range, client, tick: moves ? tick : 0, signal }),
  });
  return { states: answer.data, busy: answer.isPlaceholderData };
}

interface Resolving {
  dashboard: Dashboard;
  chosen: Record<string, string[]>;
  sources: readonly Source[];
  page: Scope;
  range: TimeRange;
  client: QueryClient;
  tick: number;
  signal: AbortSignal;
}

async function resolveVariables(given: Resolving): Promise<VariableState[]> {
  const done = new Map<string, VariableState>();
  for (const round of inRounds(given.dashboard.variables)) {
    const scope = variableScope([...done.values()], given.range);
    // A round needs the one before it.
    // oxlint-disable-next-line no-await-in-loop
    const states = await Promise.all(round.map((model) => resolveOne(model, scope, given)));
    for (const state of states) done.set(state.model.name, state);
  }
  return given.dashboard.variables.flatMap((model) => done.get(model.name) ?? []);
}

async function resolveOne(model: VariableModel, scope: Scope, given: Resolving): Promise<VariableState> {
  const fromURL = given.chosen[model.name];
  if (model.type === "adhoc") {
    const filters = fromURL ? fromURL.flatMap((one) => parseFilter(one) ?? []) : model.filters;
    return { model, options: [], chosen: [], filters };
  }
  if (model.type !== "query" && model.type !== "groupby") {
    const options = staticOptions(model, given.sources);
    return { model, options, chosen: choose(model, options, fromURL), filters: [] };
  }
  try {
    const found = await variableValues(model, { ...given, scopes: [scope, given.page] });
    const options = sortOptions(filterOptions(found, interpolatedRegex(model, scope)), model.sort);
    return { model, options, chosen: choose(model, options, fromURL), filters: [] };
  } catch (error) {
    if (given.signal.aborted) throw error;
    // What was saved with the dashboard is better than nothing.
    const options = model.options.filter((one) => one.value !== "$__all");
    return { model, options, chosen: choose(model, options, fromURL ?? model.current.value), filters: [], error: error instanceof Error ? error.message : String(error) };
  }
}

function interpolatedRegex(model: VariableModel, scope: Scope): string {
  return model.regex.includes("$") ? model.regex.replace(/\$\{?(\w+)\}?/g, (all, name: string) => textOf(scope, name) ?? all) : model.regex;
}

function textOf(scope: Scope, name: string): string | undefined {
  const value = scope.get(name);
  if (typeof value !== "object" || value === null || !("value" in value)) return undefined;
  return Array.isArray(value.value) ? value.value.join("|") : String(value.value);
}
