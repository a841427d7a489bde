import { resolveSource, sourceTypeOf, type Source } from "./datasource";
import { obj, objs, str, type Obj } from "./json";
import type { Dashboard, DashboardInput, PanelModel, SourceRef } from "./model";
import { parseDashboard } from "./parse";
import { isExpression } from "./plan";
import { readDashboard } from "./read";

/** What there is to know of a dashboard before it is imported. */
export interface ImportReport {
  raw: Obj;
  /** The text itself, where it is nothing but the dashboard. */
  text: string | undefined;
  dashboard: Dashboard;
  /** Panels that are drawn, drawn with something left out, and not drawn. */
  drawn: number;
  degraded: number;
  missing: number;
  /** What is left out, in sentences, with how many panels it concerns. */
  problems: { text: string; panels: number }[];
  /** Placeholders that have to be filled. */
  inputs: DashboardInput[];
  notices: string[];
}

export interface Known {
  panelTypes: ReadonlySet<string>;
  transformations: ReadonlySet<string>;
  sources: readonly Source[];
}

/** Reads a text as a dashboard and looks at each panel; a sentence when it is none. */
export function importReport(text: string, known: Known): ImportReport | { error: string } {
  const parsed = parseDashboard(text);
  if (parsed.error !== undefined) return { error: parsed.error };
  const dashboard = readDashboard(parsed.raw);
  const problems = new Map<string, number>();
  const note = (problem: string): void => {
    problems.set(problem, (problems.get(problem) ?? 0) + 1);
  };
  const counts = { drawn: 0, degraded: 0, missing: 0 };
  for (const panel of dashboard.sections.flatMap((section) => section.panels)) {
    const { fatal, partial } = problemsOf(panel, dashboard, known);
    for (const problem of [...fatal, ...partial]) note(problem);
    if (fatal.length > 0) counts.missing++;
    else if (partial.length > 0) counts.degraded++;
    else counts.drawn++;
  }
  return {
    raw: parsed.raw,
    text: parsed.whole ? text.replace(/^\uFEFF/, "").trim() : undefined,
    dashboard,
    ...counts,
    problems: [...problems].map(([problem, panels]) => ({ text: problem, panels })).toSorted((a, b) => b.panels - a.panels),
    inputs: dashboard.inputs.filter((input) => input.type === "datasource" || input.type === "constant"),
    notices: parsed.notices,
  };
}

function problemsOf(panel: PanelModel, dashboard: Dashboard, known: Known): { fatal: string[]; partial: string[] } {
  const fatal: string[] = [];
  const partial: string[] = [];
  if (!known.panelTypes.has(panel.type)) fatal.push(`Panels of type "${panel.type}" are shown as a table.`);
  const foreign = new Set<string>();
  const asked = panel.targets.filter((target) => !target.hide && !isExpression(target));
  for (const target of asked) {
    const reason = unreachable(target.datasource, dashboard, known.sources);
    if (reason) foreign.add(reason);
  }
  (foreign.size > 0 && asked.every((target) => unreachable(target.datasource, dashboard, known.sources)) ? fatal : partial).push(...foreign);
  for (const { id } of panel.transformations) {
    if (!known.transformations.has(str(id))) partial.push(`The transformation "${str(id)}" is left out.`);
  }
  return { fatal, partial };
}

function unreachable(ref: SourceRef, dashboard: Dashboard, sources: readonly Source[]): string | undefined {
  // A variable's value is known only when the dashboard is open: its type is what counts.
  const resolved = resolveSource(ref, { sources, inputs: dashboard.inputs, interpolate: (text) => variableType(text, dashboard) ?? text });
  return resolved.kind === "unknown" ? resolved.reason : undefined;
}

function variableType(text: string, dashboard: Dashboard): string | undefined {
  const name = /^\$\{?(\w+)\}?$/.exec(text)?.[1];
  const variable = dashboard.variables.find((one) => one.name === name && one.type === "datasource");
  return variable ? sourceTypeOf(str(variable.query)) : undefined;
}

/** The dashboard with its placeholders replaced: `${DS_X}` by a source's uid, and constants by their value. */
export function fillInputs(raw: Obj, values: Readonly<Record<string, string>>): Obj {
  const names = Object.keys(values);
  if (names.length === 0) return raw;
  const pattern = new RegExp(`\\$\\{(${names.map((name) => name.replace(/\W/g, "\\$&")).join("|")})\\}`, "g");
  const { __inputs: _i, __requires: _r, ...rest } = raw;
  return replaceIn(rest, (text) => text.replace(pattern, (all, name: string) => values[name] ?? all)) as Obj;
}

function replaceIn(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return value.map((one) => replaceIn(one, replace));
  if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replaceIn(one, replace)]));
  return value;
}

/** What a title becomes as a uid: at most 40 letters, digits, dashes and underscores. */
export function uidOf(title: string): string {
  const slug = title.toLowerCase().replace(/[^a-z0-9_]+/g, "-").replace(/^-+|-+$/g, "");
  return slug.slice(0, 40).replace(/-+$/, "") || "dashboard";
}

/** The JSON with the uid that it is to have; the id of another installation's database goes. */
export function withUid(raw: Obj, uid: string): Obj {
  const { id: _, ...rest } = raw;
  return { ...rest, uid };
}

/** The dashboards in a text: one, or those of a list or of an export of several. */
export function splitDashboards(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    const many = Array.isArray(value) ? value : objs(obj(value).dashboards);
    return many.length > 0 ? many.map((one) => JSON.stringify(one)) : [text];
  } catch {
    return [text];
  }
}
