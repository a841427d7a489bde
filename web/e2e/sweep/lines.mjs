import { ordinary } from "./queries.mjs";
import { fits, sampleOf, samplesOf } from "./sample.mjs";

/** Makes a stream for each LogQL query: labels that its selector matches, lines that pass its filters and have its fields. */
export function streamsOf(exprs) {
  const made = new Map();
  for (const expr of exprs) {
    for (const [selector, matchers] of expr.matchAll(/\{([^{}]*)\}/g)) {
      // In a template the braces hold no matcher.
      if (matchers.trim() === "" || !/[=~]/.test(matchers)) continue;
      const labels = labelsOf(matchers);
      const key = JSON.stringify(labels);
      const stream = made.get(key) ?? { labels, lines: new Set() };
      stream.lines.add(lineFor(expr, expr.slice(expr.indexOf(selector) + selector.length)));
      made.set(key, stream);
    }
  }
  return [...made.values()].map(({ labels, lines }) => ({ labels, lines: [...lines] }));
}

function labelsOf(matchers) {
  const labels = {};
  for (const [, name, op, quoted] of matchers.matchAll(/(\w+)\s*(=~|!=|!~|=)\s*("(?:[^"\\]|\\.)*"|`[^`]*`)/g)) {
    const value = quoted.slice(1, -1).replaceAll("\\\\", "\\");
    if (op === "=") labels[name] = value;
    else if (op === "=~") labels[name] = fits(ordinary(name), value) ? ordinary(name) : (samplesOf(value)[0] ?? ordinary(name));
    else labels[name] ??= ordinary(name);
  }
  return labels;
}

/** A line of JSON that the stages after a selector let pass, with the fields that the query groups by. */
function lineFor(expr, stages) {
  const fields = {};
  for (const [, name, op, value] of stages.matchAll(/(?:\||\band\b)\s*(\w+)\s*(=~|==|!=|!~|=|>=|>|<=|<)\s*("[^"]*"|`[^`]*`|[\d.]+)/g)) {
    // What the server says of its own reading is no field.
    if (name.startsWith("__")) continue;
    const text = value.replace(/^["`]|["`]$/g, "");
    if (op === "!=" || op === "!~") fields[name] ??= `a-${name}`;
    else fields[name] = op === "=~" ? (sampleOf(text) ?? "x") : op === ">" ? Number(text) + 1 : op === "<" ? Number(text) - 1 : text;
  }
  for (const [, list] of expr.matchAll(/\bby\s*\(([^)]*)\)/g)) for (const name of list.split(",")) if (name.trim() !== "") fields[name.trim()] ??= `a-${name.trim()}`;
  for (const [, name] of stages.matchAll(/unwrap\s+(?:\w+\()?(\w+)/g)) fields[name] = 17;
  const words = [...stages.matchAll(/\|([=~])\s*"((?:[^"\\]|\\.)*)"/g)].map(([, op, text]) => (op === "=" ? text : (sampleOf(text) ?? "")));
  return JSON.stringify({ ...fields, msg: ["something happened", ...words].join(" ") });
}
