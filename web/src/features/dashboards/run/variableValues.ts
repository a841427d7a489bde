import type { QueryClient } from "@tanstack/react-query";

import { requests } from "../../../api/queue";
import { lokiLabelNames, lokiLabelValues } from "../../../api/sourceLoki";
import { promInstant, promLabelNames, promLabelValues, promSeries } from "../../../api/sourceProm";
import { tagNames, tagValues } from "../../../api/tempo";
import { resolveSource, type Source } from "../../../lib/dashboard/datasource";
import { interpolate, type Scope } from "../../../lib/dashboard/interpolate";
import type { Dashboard, VariableModel, VariableOption } from "../../../lib/dashboard/model";
import { stepScope } from "../../../lib/dashboard/scopes";
import { queryFormat } from "../../../lib/dashboard/sourceFormat";
import { niceStep } from "../../../lib/dashboard/step";
import { readRegex } from "../../../lib/dashboard/variableOptions";
import { plainOptions, resultText, variableRequest, type VariableRequest } from "../../../lib/dashboard/variableQuery";
import { formatLabels } from "../../../lib/labels";
import type { TimeRange } from "../../../lib/time";

interface Asking {
  dashboard: Dashboard;
  sources: readonly Source[];
  scopes: readonly Scope[];
  range: TimeRange;
  client: QueryClient;
  tick: number;
  signal: AbortSignal;
}

/** The values that a query variable's data source gives it, before its regex. */
export async function variableValues(model: VariableModel, asking: Asking): Promise<VariableOption[]> {
  const { scopes, sources, dashboard, range, client, tick } = asking;
  const resolved = resolveSource(model.datasource, { sources, inputs: dashboard.inputs, interpolate: (text) => interpolate(text, scopes, "raw") });
  if (resolved.kind !== "source") throw new Error(resolved.kind === "unknown" ? resolved.reason : "The variable's data source has no labels to list.");
  const { source } = resolved;
  const format = queryFormat(source.type, dashboard.variables);
  const step = stepScope(niceStep((range.to - range.from) / 100));
  const fill = (text: string): string => interpolate(text, [...scopes.slice(0, -1), step, ...scopes.slice(-1)], format);
  const request = model.type === "groupby" ? { ask: "labelNames" as const, match: "" } : variableRequest(source.type, model.query, fill);
  if ("error" in request) throw new Error(request.error);
  if (request.ask === "labelValues" && request.label === "") throw new Error("The variable names no label yet.");
  // The same list is asked for once, whichever variables and choices want it.
  return client.fetchQuery({
    queryKey: ["dashboard", "values", source.uid, request, model.refresh === "range" ? [Math.round(range.from / 300_000), Math.round(range.to / 300_000), tick] : null],
    queryFn: ({ signal }) => requests.ask(JSON.stringify(["values", source.uid, request, range]), (own) => askSource(source, request, range, own), signal),
    staleTime: 300_000,
  });
}

async function askSource(source: Source, request: VariableRequest, range: TimeRange, signal: AbortSignal): Promise<VariableOption[]> {
  switch (source.type) {
    case "prometheus":
      return askProm(source.base, request, range, signal);
    case "loki":
      if (request.ask === "labelNames") return plainOptions(await lokiLabelNames(source.base, range, signal));
      if (request.ask === "labelValues") return plainOptions(await lokiLabelValues(source.base, request.label, request.match, range, signal));
      throw new Error("Loki lists names and values of labels, nothing else.");
    case "tempo": {
      const bounds = { start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) };
      if (request.ask === "labelNames") return plainOptions(await tagNames(bounds, signal, source.base));
      if (request.ask === "labelValues") return plainOptions(await tagValues(request.label, { ...bounds, query: request.match }, signal, source.base));
      throw new Error("Tempo lists names and values of attributes, nothing else.");
    }
    default:
      throw new Error(`Data sources of type ${source.type} have nothing to list.`);
  }
}

async function askProm(base: string, request: VariableRequest, range: TimeRange, signal: AbortSignal): Promise<VariableOption[]> {
  switch (request.ask) {
    case "labelNames":
      return plainOptions(await promLabelNames(base, request.match, range, signal));
    case "labelValues":
      return plainOptions(await promLabelValues(base, request.label, request.match, range, signal));
    case "metrics": {
      const pattern = readRegex(request.pattern);
      const names = await promLabelValues(base, "__name__", "", range, signal);
      return plainOptions(pattern ? names.filter((name) => pattern.test(name)) : names);
    }
    case "result": {
      const { series } = await promInstant(base, request.expr, range.to, signal);
      return plainOptions(series.map((one) => resultText(one.labels, String(one.values[0] ?? ""), (one.times[0] ?? 0) / 1000)));
    }
    case "series":
      return plainOptions((await promSeries(base, request.match, range, signal)).map((labels) => formatLabels(labels).replaceAll(", ", ",")));
  }
}
