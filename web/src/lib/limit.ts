/** A limit that a query has run into. */
export interface Limit {
  title: string;
  /** How to ask for less. */
  advice: string;
  /** What it is called in the configuration; "" where the server does not say. */
  setting: string;
}

// What the server's settings count, and what asks for less of it.
const known: Readonly<Record<string, readonly [what: string, advice: string]>> = {
  max_lines: ["lines of one answer", "Ask for fewer lines at a time."],
  max_series: ["series of one answer", "Group by fewer labels, or select fewer series."],
  max_points: ["points of one series", "Shorten the range, or lengthen the step."],
  max_samples: ["samples of one query", "Shorten the range, or select fewer series."],
  max_rows: ["rows that one query reads", "Shorten the range, or narrow the selector."],
  max_bytes: ["bytes that one query reads", "Shorten the range, or narrow the selector."],
  max_memory: ["memory of one query", "Shorten the range, group by fewer labels, or lengthen the step."],
  timeout: ["time of one query", "Shorten the range, or narrow the selector."],
  max_concurrent_queries: ["queries at a time", "Wait for those that run, or cancel some under Data, Queries."],
};

/** The limit that a refusal is about, if it is about one. */
export function reachedLimit(status: number | undefined, message: string): Limit | undefined {
  const [, group = "", name = ""] = /\b(query|limits(?:\.[a-z_]+)*)[. ](max_[a-z_]+|timeout)\b/.exec(message) ?? [];
  const [what, advice] = known[name] ?? known[name.replace("_query", "")] ?? [];
  if (what && advice) return { title: `The limit for ${what} was reached`, advice, setting: `${group}.${name}` };
  if (/too many samples|maximum resolution/.test(message)) return { title: "A limit of the server was reached", advice: "Shorten the range, lengthen the step, or select fewer series.", setting: "" };
  if (status === 504 || /query timed out/.test(message)) return { title: "The time for one query was over", advice: "Shorten the range, or narrow the selector.", setting: "query.timeout" };
  if (status === 429) return { title: "The server has more to do than it may", advice: "Ask again in a moment, or for less: a shorter range, a narrower selector.", setting: "" };
  return undefined;
}
