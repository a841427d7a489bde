import { parser } from "@prometheus-io/lezer-promql";

import { ordinary } from "./queries.mjs";
import { fits, samplesOf } from "./sample.mjs";

/**
 * Makes the series that PromQL queries ask for: each metric with the labels that queries select, group and join it by, and
 * for each selector one series that it matches.
 */
export class SeriesMaker {
  constructor() {
    /** By metric: names of its labels, the selectors that ask for it, and how long before now its samples are wanted too. */
    this.metrics = new Map();
    /** Pairs of metrics whose series are matched on all labels. */
    this.pairs = [];
    /** Queries that the grammar does not have. */
    this.unread = [];
  }

  /** Takes what a query says of its metrics. */
  add(expr, labels) {
    const tree = parser.parse(expr);
    if (/⚠/.test(String(tree))) this.unread.push(expr);
    this.walk(tree.topNode, expr, { labels: new Set(labels), ago: 0, value: undefined });
  }

  /**
   * A vector's metrics that keep their labels on the way up; most aggregations end it. `asked` has what the nodes above
   * say of them: labels, an offset in the past, a value that they are compared with.
   */
  walk(node, text, asked) {
    switch (node.name) {
      case "VectorSelector":
        return this.selector(node, text, asked);
      case "AggregateExpr": {
        const modifier = node.getChild("AggregateModifier");
        const by = modifier?.getChild("By") ? labelNames(modifier, text) : [];
        const found = this.children(node, text, { ...asked, labels: new Set([...asked.labels, ...by]), value: undefined });
        return modifier?.getChild("Without") || keepsLabels.has(textOf(node.getChild("AggregateOp"), text)) ? found : [];
      }
      case "OffsetExpr": {
        const ago = durationMs(textOf(node.getChild("OffsetDurationExpr"), text));
        return this.children(node, text, { ...asked, ago: Math.max(asked.ago, ago) });
      }
      case "FunctionCall":
        return this.children(node, text, { ...asked, value: undefined });
      case "BinaryExpr":
        return this.binary(node, text, asked);
      default:
        return this.children(node, text, asked);
    }
  }

  children(node, text, asked) {
    const found = [];
    for (let child = node.firstChild; child; child = child.nextSibling) found.push(...this.walk(child, text, asked));
    return found;
  }

  binary(node, text, { labels, ago }) {
    const matching = node.getChild("MatchingModifierClause");
    const on = matching?.getChild("On") ? labelNames(matching, text) : undefined;
    const inner = { labels: new Set([...labels, ...(on ?? [])]), ago, value: undefined };
    const [left, right] = [node.firstChild, node.lastChild];
    const a = this.walk(left, text, { ...inner, value: compared(node, right, text) });
    const b = this.walk(right, text, inner);
    if (!on && !node.getChild("Unless") && !node.getChild("Or")) {
      const ignored = new Set(matching ? labelNames(matching, text) : []);
      for (const one of a) for (const other of b) if (one !== other) this.pairs.push([one, other, ignored]);
    }
    return [...a, ...b];
  }

  selector(node, text, { labels, ago, value }) {
    const matchers = [];
    let metric = textOf(node.getChild("Identifier"), text);
    for (const child of node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? []) {
      const [name, op, literal] = ["LabelName", "MatchOp", "StringLiteral"].map((part) => textOf(child.getChild(part), text));
      if (!name || !op || !literal) continue;
      const wanted = unquote(literal);
      if (name !== "__name__") matchers.push({ name, op, value: wanted });
      else metric = op === "=" ? wanted : (samplesOf(wanted)[0] ?? "");
    }
    if (!/^[a-zA-Z_:][\w:]*$/.test(metric)) return [];
    const kept = this.of(metric);
    for (const name of [...labels, ...matchers.map((one) => one.name)]) if (/^[a-zA-Z_]\w*$/.test(name) && name !== "__name__") kept.labels.add(name);
    kept.ago = Math.max(kept.ago, ago);
    kept.add({ matchers, value });
    return [metric];
  }

  of(metric) {
    if (!this.metrics.has(metric)) this.metrics.set(metric, new Wanted());
    return this.metrics.get(metric);
  }

  /** All series: `{labels, at, ago}`. */
  series(start) {
    // A join may hand labels on to a third metric.
    for (let round = 0; round < 3; round++) {
      for (const [a, b, ignored] of this.pairs) {
        this.of(a).takeFrom(this.of(b), ignored);
        this.of(b).takeFrom(this.of(a), ignored);
      }
    }
    return [...this.metrics].flatMap(([metric, wanted]) => seriesOf(metric, wanted, start));
  }
}

/** Aggregations whose answer has the series that went in. */
const keepsLabels = new Set(["topk", "bottomk", "limitk", "limit_ratio"]);

/** What queries want of one metric. */
class Wanted {
  constructor() {
    this.labels = new Set(["job", "instance"]);
    this.selectors = new Map();
    this.ago = 0;
  }

  add(selector) {
    this.selectors.set(JSON.stringify(selector), selector);
  }

  /** Makes series for which the other metric has a partner. */
  takeFrom(other, ignored) {
    for (const label of other.labels) if (!ignored.has(label)) this.labels.add(label);
    for (const { matchers } of other.selectors.values()) this.add({ matchers: matchers.filter(({ name }) => !ignored.has(name)), value: undefined });
  }
}

/** The value that a comparison with a number asks for, where not any will do. */
function compared(node, right, text) {
  const number = right.name === "NumberDurationLiteral" ? Number(textOf(right, text)) : Number.NaN;
  if (Number.isNaN(number)) return undefined;
  if (node.getChild("Eql") || node.getChild("Lte")) return number;
  return node.getChild("Lss") ? number - 1 : undefined;
}

const buckets = ["0.005", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"];
const mostSeries = 200;

function seriesOf(metric, { labels, selectors, ago }, start) {
  const histogram = metric.endsWith("_bucket");
  const names = [...labels].filter((name) => !histogram || name !== "le");
  const made = [];
  for (const { matchers, value } of [...selectors.values()].toSorted((a, b) => Number(b.value !== undefined) - Number(a.value !== undefined) || b.matchers.length - a.matchers.length)) {
    const relevant = matchers.filter(({ name }) => !histogram || name !== "le");
    for (const given of choices(relevant)) {
      if (made.length >= mostSeries || made.some((one) => (value === undefined || one.value === value) && isWanted(one.labels, relevant, given))) continue;
      const own = Object.fromEntries(names.map((name) => [name, given[name] ?? fallback(name, relevant)]).filter(([, text]) => text !== ""));
      const free = distinct(own, made, relevant, names);
      if (free) made.push({ labels: free, value });
    }
  }
  return made.flatMap((one, index) => {
    const all = { __name__: metric, ...one.labels };
    if (!histogram) return [{ labels: all, ago, at: curve(metric, index, one.value, start) }];
    return buckets.map((le, place) => ({ labels: { ...all, le }, ago, at: (ms) => Math.round(((ms - start) / 1000) * (place + 1) * 0.5 * (index + 1)) }));
  });
}

function isWanted(labels, matchers, given) {
  return matchers.every(({ name, op, value }) => holds(labels[name] ?? "", op, value)) && Object.entries(given).every(([name, value]) => (labels[name] ?? "") === value);
}

/** The labels, or where a series has them already, ones that differ in a label which the matchers leave open; else undefined. */
function distinct(labels, made, matchers, names) {
  const taken = (some) => made.some((one) => names.every((name) => one.labels[name] === some[name]));
  if (!taken(labels)) return labels;
  for (const name of ["instance", ...names]) {
    const other = { ...labels, [name]: name === "instance" ? "b-instance:9100" : `b-${name}` };
    if (!taken(other) && matchers.every((one) => one.name !== name || holds(other[name], one.op, one.value))) return other;
  }
  return undefined;
}

/** Values for the labels that are selected by equality, one set for each alternative. */
function choices(matchers) {
  let all = [{}];
  for (const { name, op, value } of matchers) {
    if (op !== "=" && op !== "=~") continue;
    const values = op === "=" ? [value] : fits(ordinary(name), value) ? [] : samplesOf(value);
    if (values.length > 0) all = values.slice(0, 6).flatMap((one) => all.map((before) => ({ ...before, [name]: one })));
  }
  return all.slice(0, mostSeries);
}

function fallback(name, matchers) {
  const wanted = matchers.filter((one) => one.name === name);
  return [ordinary(name), "other", "1", "x"].find((text) => wanted.every(({ op, value }) => holds(text, op, value))) ?? ordinary(name);
}

function holds(text, op, value) {
  switch (op) {
    case "=":
      return text === value;
    case "!=":
      return text !== value;
    case "=~":
      return fits(text, value);
    default:
      return !fits(text, value);
  }
}

/** How a metric moves, by what its name says it is. */
function curve(metric, index, value, start) {
  if (value !== undefined) return () => value;
  if (/_(info|up)$|^up$|_ready$|_status(_phase|_condition)?$/.test(metric)) return () => 1;
  if (/(timestamp|start_time|boot_time|_created|expiry|not_after)(_seconds)?$/.test(metric)) return () => start / 1000 + (/expiry|not_after/.test(metric) ? 3e6 : -86_400);
  const seed = [...metric].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 997, 7);
  // All grow, as counters do: a gauge may as well. Later series grow faster, so that the largest of two metrics are partners.
  return (ms) => 1 + ((ms - start) / 1000) * (0.2 + (seed % 50) / 10) * (1 + index / 10) + Math.sin(ms / 120_000 + seed + index) * 0.05;
}

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, y: 31_536_000_000 };

/** A duration of PromQL in milliseconds; one that points ahead counts as none. */
function durationMs(text) {
  if (text.startsWith("-")) return 0;
  return [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * unitMs[unit], 0);
}

function labelNames(node, text) {
  const found = [];
  node.cursor().iterate((inner) => {
    if (inner.name === "LabelName") found.push(text.slice(inner.from, inner.to));
  });
  return found;
}

function textOf(node, text) {
  return node ? text.slice(node.from, node.to) : "";
}

function unquote(literal) {
  if (literal.startsWith("`")) return literal.slice(1, -1);
  return literal.slice(1, -1).replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c === "t" ? "\t" : c));
}
