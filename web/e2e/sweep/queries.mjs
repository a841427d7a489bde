import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { fits, sampleOf, samplesOf } from "./sample.mjs";

/** All dashboards in the files below `dir`: `{path, json}`. */
export function dashboardsBelow(dir) {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".json"))
    .toSorted()
    .map((path) => ({ path, json: JSON.parse(readFileSync(join(dir, path), "utf8")) }))
    .filter(({ json }) => json.panels || json.rows);
}

/** Panels of a dashboard, those in rows too; rows themselves left out. */
export function panelsOf(json) {
  const all = [...(json.panels ?? []), ...(json.rows ?? []).flatMap((row) => row.panels ?? [])];
  return all.flatMap((panel) => [panel, ...(panel.panels ?? [])]).filter((panel) => panel.type !== "row");
}

/**
 * What a dashboard asks: `{language, expr, labels}`, where `labels` are names that the answer is read by. Variables are
 * filled in with the values that the page will find in the series made of these queries.
 */
export function queriesOf(json) {
  const variables = json.templating?.list ?? [];
  // The page takes what was saved with the dashboard where that exists, else the first value.
  const first = new Map(variables.map((variable) => [variable.name, valueOf(variable)]));
  const saved = new Map(variables.map((variable) => [variable.name, savedOf(variable) ?? first.get(variable.name)]));
  return [...queriesWith(json, variables, first), ...queriesWith(json, variables, saved)];
}

function queriesWith(json, variables, values) {
  const fill = (text) => fillIn(text, values);
  const asked = variables.flatMap((variable) => variableQuery(variable, variables, fill, values.get(variable.name)));
  for (const panel of panelsOf(json)) {
    const shown = labelsShown(panel);
    for (const target of panel.targets ?? []) {
      if (typeof target.expr !== "string" || target.expr === "") continue;
      const loki = isLoki(target.datasource ?? panel.datasource, variables);
      asked.push({ language: loki ? "logql" : "promql", expr: fill(target.expr), labels: [...shown, ...legendLabels(target.legendFormat)] });
    }
  }
  for (const annotation of json.annotations?.list ?? []) {
    if (annotation.enable && typeof annotation.expr === "string") asked.push({ language: isLoki(annotation.datasource, variables) ? "logql" : "promql", expr: fill(annotation.expr), labels: [] });
  }
  return asked;
}

function legendLabels(legend) {
  return [...(legend ?? "").matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map((found) => found[1]);
}

/** Labels that a panel reads by itself: in its transformations, and in the fields that it is told to show. */
function labelsShown(panel) {
  const named = (panel.transformations ?? []).flatMap(({ options = {} }) => [
    ...(options.keepLabels ?? []),
    ...(options.include?.names ?? []),
    ...(options.byField ? [options.byField] : []),
    ...[options.indexByName, options.renameByName, options.fields].flatMap((map) => Object.keys(map ?? {})),
  ]);
  const [, fields] = /^\/(.*)\/\w*$/.exec(panel.options?.reduceOptions?.fields ?? "") ?? [];
  const shown = fields ? [sampleOf(fields)] : [];
  return [...named, ...shown].filter((name) => /^[a-z_]\w*$/.test(name ?? ""));
}

const labelValues = /^\s*label_values\((?:([\s\S]+),\s*)?([^,()"{}]+)\)\s*$/;

/** The value that a label has in the series where no query says otherwise; it sorts before most others. */
export function ordinary(label) {
  // Some dashboards take host and port apart.
  return label === "le" ? "+Inf" : label === "instance" ? "a-instance:9100" : `a-${label}`;
}

function queryText(variable) {
  const query = variable.query;
  return typeof query === "string" ? query : (query?.query ?? query?.expr ?? variable.definition ?? "");
}

function valueOf(variable) {
  switch (variable.type) {
    case "query": {
      const label = labelOf(variable);
      return label === undefined ? `a-${variable.name}` : (captured(label, variable.regex) ?? label);
    }
    case "interval":
      return "5m";
    case "constant":
    case "textbox":
      return String(variable.query ?? "");
    case "custom": {
      const current = [variable.current?.value ?? []].flat().find((one) => one !== "$__all" && one !== "");
      const [first = ""] = String(variable.query ?? "").split(/(?<!\\),/);
      return current ?? (first.includes(" : ") ? first.split(" : ")[1] : first).trim();
    }
    default:
      return "";
  }
}

/** The value of a label among series of a selector, which may ask for one itself. */
function labelValueOf(label, selector) {
  const [, op, value] = new RegExp(`\\b${label}\\s*(=~?)\\s*"([^"$]*)"`).exec(selector) ?? [];
  if (op === "=") return value;
  return op === "=~" && !fits(ordinary(label), value) ? (samplesOf(value)[0] ?? ordinary(label)) : ordinary(label);
}

/** The value of the label that a variable lists, one that its own expression keeps; undefined where it lists no label. */
function labelOf(variable) {
  const found = labelValues.exec(queryText(variable));
  if (!found) return undefined;
  const value = labelValueOf(found[2].trim(), found[1] ?? "");
  return keeps(variable, value) ? value : (sampleOf(bodyOf(variable.regex)) ?? value);
}

function bodyOf(regex) {
  return /^\/(.*)\/\w*$/.exec(regex ?? "")?.[1] ?? "";
}

function keeps(variable, value) {
  return captured(value, variable.regex) !== undefined;
}

/** What the first group of a variable's own expression takes of a value; undefined where it takes nothing. */
function captured(value, regex) {
  const pattern = bodyOf(regex);
  if (pattern === "") return value;
  try {
    const found = new RegExp(pattern).exec(value);
    return found ? (found[1] ?? value) : undefined;
  } catch {
    return value;
  }
}

function savedOf(variable) {
  const [value] = [variable.current?.value ?? []].flat();
  return variable.type === "query" && typeof value === "string" && value !== "" && value !== "$__all" ? value : undefined;
}

const times = { __interval: "1m", __rate_interval: "5m", __range: "15m", __interval_ms: "60000", __range_s: "900", __range_ms: "900000", __auto: "1m" };

function fillIn(text, values) {
  const one = (all, name) => times[name] ?? values.get(name) ?? all;
  // A value may hold another variable.
  const pass = (given) => given.replace(/\$\{(\w+)(?:\.[^}]*?)?(?::[^}]*)?\}|\[\[(\w+)(?::\w+)?\]\]|\$(\w+)/g, (all, a, b, c) => one(all, a ?? b ?? c));
  return pass(pass(text));
}

function variableQuery(variable, variables, fill, value) {
  if (variable.type !== "query") return [];
  const text = fill(queryText(variable));
  const language = isLoki(variable.datasource, variables) ? "logql" : "promql";
  const values = labelValues.exec(text);
  if (values) return values[1] ? [{ language, expr: withLabel(values[1].trim(), values[2].trim(), wantedLabel(variable, value)), labels: [values[2].trim()] }] : [{ language, expr: "up", labels: [values[2].trim()] }];
  const other = /^\s*(?:query_result|label_names|metrics)\(([\s\S]*)\)\s*$/.exec(text);
  return [{ language, expr: other ? other[1] : text, labels: [...String(variable.regex ?? "").matchAll(/(\w+)="/g)].map((found) => found[1]) }];
}

/** The value that its label must have for the variable to have `value`; none where any label does. */
function wantedLabel(variable, value) {
  if (!variable.regex) return value;
  const label = labelOf(variable);
  return keeps(variable, ordinary(labelValues.exec(queryText(variable))[2].trim())) ? "" : label;
}

/** The selector of a variable, of series whose label has the value that other queries will select. */
function withLabel(selector, label, value) {
  const parts = /^([\w:]+)(?:\{([^}]*)\})?$/.exec(selector);
  if (!parts || !value || value.includes("$")) return selector;
  return `${parts[1]}{${[...(parts[2] ? [parts[2].replace(/,\s*$/, "")] : []), `${label}=${JSON.stringify(value)}`].join(",")}}`;
}

/** Whether a data source, or the variable that it is chosen by, is of Loki. */
function isLoki(source, variables) {
  const text = typeof source === "string" ? source : `${source?.type ?? ""} ${source?.uid ?? ""}`;
  const named = /\$\{?(\w+)/.exec(text)?.[1];
  return /loki/i.test(`${text} ${variables.find(({ name, type }) => type === "datasource" && name === named)?.query ?? ""}`);
}
