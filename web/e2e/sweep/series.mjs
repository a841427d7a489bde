import { parser } from "@prometheus-io/lezer-promql";

import { ordinary } from "./queries.mjs";
import { fits, samplesOf } from "./sample.mjs";

/**
 * Makes the series that PromQL queries ask for: each metric with the labels that queries select, group and join it by, and
 * for each selector one series that it matches.
 */
export class SeriesMaker {
  constructor() {
    /** By metric: names of its labels, selectors, and a value that queries compare it with. */
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
    this.walk(tree.topNode, expr, new Set(labels));
  }

  /** A vector's metrics that keep their labels on the way up; aggregations end it. */
  walk(node, text, labels) {
    switch (node.name) {
      case "VectorSelector":
        return this.selector(node, text, labels);
      case "AggregateExpr": {
        const modifier = node.getChild("AggregateModifier");
        const by = modifier?.getChild("By") ? labelNames(modifier, text) : [];
        this.children(node, text, new Set([...labels, ...by]));
        return [];
      }
      case "BinaryExpr":
        return this.binary(node, text, labels);
      default:
        return this.children(node, text, labels);
    }
  }

  children(node, text, labels) {
    const found = [];
    for (let child = node.firstChild; child; child = child.nextSibling) found.push(...this.walk(child, text, labels));
    return found;
  }

  binary(node, text, labels) {
    const matching = node.getChild("MatchingModifierClause");
    const on = matching?.getChild("On") ? labelNames(matching, text) : undefined;
    const inner = new Set([...labels, ...(on ?? [])]);
    const [left, right] = [node.firstChild, node.lastChild];
    const a = this.walk(left, text, inner);
    const b = this.walk(right, text, inner);
    if (node.getChild("EqlC") && right.name === "NumberDurationLiteral") for (const name of a) this.of(name).value ??= Number(textOf(right, text));
    if (!on && !node.getChild("Unless") && !node.getChild("Or")) {
      const ignored = new Set(matching ? labelNames(matching, text) : []);
      for (const one of a) for (const other of b) if (one !== other) this.pairs.push([one, other, ignored]);
    }
    return [...a, ...b];
  }

  selector(node, text, labels) {
    const matchers = [];
    let metric = textOf(node.getChild("Identifier"), text);
    for (const child of node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? []) {
      const [name, op, literal] = ["LabelName", "MatchOp", "StringLiteral"].map((part) => textOf(child.getChild(part), text));
      if (!name || !op || !literal) continue;
      const value = unquote(literal);
      if (name !== "__name__") matchers.push({ name, op, value });
      else metric = op === "=" ? value : (samplesOf(value)[0] ?? "");
    }
    if (!/^[a-zA-Z_:][\w:]*$/.test(metric)) return [];
    const kept = this.of(metric);
    for (const name of [...labels, ...matchers.map((one) => one.name)]) if (/^[a-zA-Z_]\w*$/.test(name) && name !== "__name__") kept.labels.add(name);
    kept.selectors.push(matchers);
    return [metric];
  }

  of(metric) {
    if (!this.metrics.has(metric)) this.metrics.set(metric, { labels: new Set(["job", "instance"]), selectors: [], value: undefined });
    return this.metrics.get(metric);
  }

  /** All series: `{labels, at}`. */
  series(start) {
    // A join may hand labels on to a third metric.
    for (let round = 0; round < 3; round++) {
      for (const [a, b, ignored] of this.pairs) {
        for (const label of this.of(a).labels) if (!ignored.has(label)) this.of(b).labels.add(label);
        for (const label of this.of(b).labels) if (!ignored.has(label)) this.of(a).labels.add(label);
      }
    }
    return [...this.metrics].flatMap(([metric, kept]) => seriesOf(metric, kept, start));
  }
}

const buckets = ["0.005", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"];
const mostSeries = 200;

function seriesOf(metric, { labels, selectors, value }, start) {
  const histogram = metric.endsWith("_bucket");
  const names = [...labels].filter((name) => !histogram || name !== "le");
  const made = [];
  for (const matchers of selectors.toSorted((a, b) => b.length - a.length)) {
    const relevant = matchers.filter(({ name }) => !histogram || name !== "le");
    for (const given of choices(relevant)) {
      if (made.length >= mostSeries || made.some((one) => relevant.every(({ name, op, value: wanted }) => holds(one[name] ?? "", op, wanted)) && Object.entries(given).every(([name, wanted]) => (one[name] ?? "") === wanted))) continue;
      made.push(Object.fromEntries(names.map((name) => [name, given[name] ?? fallback(name, relevant)]).filter(([, text]) => text !== "")));
    }
  }
  return made.flatMap((own, index) => {
    const all = { __name__: metric, ...own };
    if (!histogram) return [{ labels: all, at: curve(metric, index, value, start) }];
    return buckets.map((le, place) => ({ labels: { ...all, le }, at: (ms) => Math.round(((ms - start) / 1000) * (place + 1) * 0.5 * (index + 1)) }));
  });
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
  const seed = [...metric].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 997, index * 7);
  // All grow, as counters do: a gauge may as well.
  return (ms) => 1 + ((ms - start) / 1000) * (0.2 + (seed % 50) / 10) + Math.sin(ms / 120_000 + seed) * 0.05;
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
