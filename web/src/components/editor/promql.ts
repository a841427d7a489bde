import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { linter, type Diagnostic } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { newCompleteStrategy, PromQLExtension, type CompleteStrategy, type PrometheusClient } from "@prometheus-io/codemirror-promql";
import { EqlRegex, EqlSingle, Neq, NeqRegex } from "@prometheus-io/lezer-promql";

import { firstMistake } from "../../lib/promql/tree";
import type { Completions } from "./language";
import { likelyNames } from "./metricNames";

/** PromQL as Prometheus' own page edits it. */
export function promql({ prometheus }: Completions): Extension {
  // Its own linter takes macros and the names of other queries for mistakes.
  const extension = new PromQLExtension().activateLinter(false);
  if (prometheus) extension.setComplete({ completeStrategy: new NarrowingComplete(prometheus) });
  return [extension.asExtension(), linter((view) => mistakes(view.state.doc.toString()), { delay: 500 })];
}

function mistakes(query: string): Diagnostic[] {
  const at = firstMistake(query);
  return at ? [{ ...at, severity: "error", message: "The query is not complete here, or something does not belong." }] : [];
}

/** Completion that offers of many metrics those that fit what is typed, and looks again with the next letter. */
class NarrowingComplete implements CompleteStrategy {
  private readonly inner: CompleteStrategy;
  private typed = "";

  constructor(server: Server) {
    const ask = cached(server);
    const client: PrometheusClient = {
      labelNames: async (metric) => texts(await ask("/api/v1/labels", metric)),
      labelValues: async (label, metric, matchers) => texts(await ask(`/api/v1/label/${encodeURIComponent(label)}/values`, metric, conditions(matchers, label))),
      metricMetadata: async () => ((await ask("/api/v1/metadata")) ?? {}) as Record<string, { type: string; help: string }[]>,
      series: () => Promise.resolve([]),
      flags: () => Promise.resolve({}),
      metricNames: async () => likelyNames(texts(await ask("/api/v1/label/__name__/values")), this.typed),
    };
    this.inner = newCompleteStrategy({ remote: client });
  }

  async promQL(context: CompletionContext): Promise<CompletionResult | null> {
    this.typed = context.matchBefore(/[\w:.]+/)?.text ?? "";
    const result = await this.inner.promQL(context);
    if (!result) return null;
    const { validFor: _, ...rest } = result;
    return rest;
  }
}

type Server = NonNullable<Completions["prometheus"]>;

const lookbackMs = 12 * 3_600_000;
const freshMs = 5 * 60_000;

const operators: Record<number, string> = { [EqlSingle]: "=", [Neq]: "!=", [EqlRegex]: "=~", [NeqRegex]: "!~" };

/** The other conditions beside the one on `label` that is being written; those that are not whole yet are left out. */
function conditions(matchers: readonly { type: number; name: string; value: string }[] | undefined, label: string): readonly string[] {
  return (matchers ?? []).flatMap(({ type, name, value }) => {
    const op = operators[type];
    return op === undefined || name === label || name === "" || value === "" || value.includes("$") ? [] : [`${JSON.stringify(name)}${op}"${value}"`];
  });
}

/** Asks for lists of names, each again after some minutes. A failure offers nothing and is not kept. */
function cached({ url, fetch: send }: Server): (path: string, metric?: string, others?: readonly string[]) => Promise<unknown> {
  const kept = new Map<string, { at: number; answer: Promise<unknown> }>();
  return (path, metric = "", others = []) => {
    const selector = [...(metric === "" ? [] : [JSON.stringify(metric)]), ...others].join(",");
    const key = `${path} ${selector}`;
    const now = Date.now();
    const before = kept.get(key);
    if (before && now - before.at < freshMs) return before.answer;
    const params = new URLSearchParams({ start: String((now - lookbackMs) / 1000), end: String(now / 1000) });
    if (selector !== "") params.set("match[]", `{${selector}}`);
    const answer = send(`${url}${path}?${params}`)
      .then((response) => response.json() as Promise<{ data?: unknown }>)
      .then((body) => body.data)
      .catch(() => {
        kept.delete(key);
        return undefined;
      });
    kept.set(key, { at: now, answer });
    return answer;
  };
}

function texts(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((one) => typeof one === "string") : [];
}
