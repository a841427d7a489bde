import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { fits, samplesOf } from "./sample.mjs";

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
  const asked = variables.flatMap((variable) => variableQuery(variable, fill, values.get(variable.name)));
  for (const panel of panelsOf(json)) {
    for (const target of panel.targets ?? []) {
      if (typeof target.expr !== "string" || target.expr === "") continue;
      const loki = isLoki(target.datasource ?? panel.datasource);
      asked.push({ language: loki ? "logql" : "promql", expr: fill(target.expr), labels: [...(target.legendFormat ?? "").matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map((found) => found[1]) });
    }
  }
  for (const annotation of json.annotations?.list ?? []) {
    if (annotation.enable && typeof annotation.expr === "string") asked.push({ language: isLoki(annotation.datasource) ? "logql" : "promql", expr: fill(annotation.expr), labels: [] });
  }
  return asked;
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
      const found = labelValues.exec(queryText(variable));
      return found ? captured(labelValueOf(found[2].trim(), found[1] ?? ""), variable.regex) : `a-${variable.name}`;
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

/** What the first group of the variable's own expression takes of a value. */
function captured(value, regex) {
  const [, pattern] = /^\/(.*)\/\w*$/.exec(regex ?? "") ?? [];
  if (!pattern) return value;
  try {
    return new RegExp(pattern).exec(value)?.[1] ?? value;
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

function variableQuery(variable, fill, value) {
  if (variable.type !== "query") return [];
  const text = fill(queryText(variable));
  const language = isLoki(variable.datasource) ? "logql" : "promql";
  const values = labelValues.exec(text);
  if (values) return values[1] ? [{ language, expr: withLabel(values[1].trim(), values[2].trim(), variable.regex ? "" : value), labels: [values[2].trim()] }] : [{ language, expr: "up", labels: [values[2].trim()] }];
  const other = /^\s*(?:query_result|label_names|metrics)\(([\s\S]*)\)\s*$/.exec(text);
  return [{ language, expr: other ? other[1] : text, labels: [...String(variable.regex ?? "").matchAll(/(\w+)="/g)].map((found) => found[1]) }];
}

/** The selector of a variable, of series whose label has the value that other queries will select. */
function withLabel(selector, label, value) {
  const parts = /^([\w:]+)(?:\{([^}]*)\})?$/.exec(selector);
  if (!parts || !value || value.includes("$")) return selector;
  return `${parts[1]}{${[...(parts[2] ? [parts[2].replace(/,\s*$/, "")] : []), `${label}=${JSON.stringify(value)}`].join(",")}}`;
}

function isLoki(source) {
  return /loki/i.test(typeof source === "string" ? source : `${source?.type ?? ""} ${source?.uid ?? ""}`);
}
