import type { Flow, Grouping, LimitUse } from "../../api/ingest";
import { browsePlace, logsPlace, tracesPlace, type Place } from "../../lib/links";
import { formatValue, group } from "../../lib/units";
import { choice, text, urlSchema } from "../../lib/urlState";

/** What the list of what comes in can be of, in the order of its switch. */
export const groupings = ["endpoint", "service", "tenant"] as const;
/** The signals it can be narrowed to. */
export const flowSignals = ["all", "metrics", "logs", "spans"] as const;

/** The part of the page's URL state that is the tab Ingest's. */
export const ingestState = urlSchema<{ by: Grouping; signal: (typeof flowSignals)[number]; sort: string }>({
  by: choice(groupings, "endpoint"),
  signal: choice(flowSignals, "all"),
  sort: text("-rate"),
});

/** Share of a limit from which it is near. */
export const near = 0.8;

/** Where the data of a job or service is shown; undefined if it names none. */
export function flowPlace({ signal, service }: Flow): Place | undefined {
  if (service === "") return undefined;
  if (signal === "metrics") return browsePlace([{ name: "job", op: "=", value: service }]);
  const name = JSON.stringify(service);
  return signal === "logs" ? logsPlace(`{service_name=${name}}`) : tracesPlace(`{ resource.service.name = ${name} }`);
}

/** The name of a flow within its grouping. */
export function flowName(flow: Flow, by: Grouping): string {
  if (by === "endpoint") return flow.protocol;
  if (by === "tenant") return tenantName(flow.tenant);
  if (flow.left > 0) return `${group(flow.left)} that were silent longest`;
  if (flow.service !== "") return flow.service;
  return flow.signal === "metrics" ? "without a job" : "without a service";
}

/** A tenant as people call it. */
export function tenantName(tenant: string): string {
  return tenant === "" ? "default" : tenant;
}

/** Which part of samples comes late: those that are stored late, and those refused for it. Undefined where nothing is late or nothing is known. */
export function lateShare({ signal, followed, late, refused }: Flow): number | undefined {
  const tooLate = refusedRows(refused.filter(({ reason }) => reason === "out_of_order" || reason === "too_old"));
  if (signal !== "metrics" || followed + tooLate === 0) return undefined;
  return (late + tooLate) / (followed + tooLate);
}

/** How many rows were refused. */
export function refusedRows(refused: Flow["refused"]): number {
  return refused.reduce((sum, { rows }) => sum + rows, 0);
}

/** Which part of a limit is used; undefined without a limit or a known use. */
export function usedShare({ limit, used }: LimitUse): number | undefined {
  return limit > 0 && used !== null ? used / limit : undefined;
}

/** A number of a limit's unit. Periods are written as in the configuration: 14d. */
export function limitText(value: number, unit: string): string {
  if (unit === "seconds") return periodText(value);
  if (unit === "bytes") return formatValue(value, "bytes");
  if (unit === "bytes/s") return formatValue(value, "binBps");
  return unit === "/s" ? `${formatValue(value)}/s` : group(value);
}

const periods = [["d", 86_400], ["h", 3600], ["m", 60]] as const;

function periodText(seconds: number): string {
  const [unit, length] = periods.find(([, one]) => seconds >= one && seconds % one === 0) ?? ["s", 1];
  return `${group(seconds / length)}${unit}`;
}
