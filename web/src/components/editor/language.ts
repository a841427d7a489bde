import type { Extension } from "@codemirror/state";

/** The query languages of Oriel. */
export type Language = "promql" | "logql" | "traceql";

/** Where completion finds names. Each function may fail; then nothing is offered. */
export interface Completions {
  /** For PromQL: the base URL of a Prometheus API, and the fetch to reach it. */
  prometheus?: { url: string; fetch: (input: RequestInfo, init?: RequestInit) => Promise<Response> };
  /** For LogQL and TraceQL: names of labels or attributes; in TraceQL with their scope, as `resource.service.name`. */
  names?: () => Promise<readonly string[]>;
  /** For LogQL and TraceQL: values of one of them, among what a selector leaves if one is given. */
  values?: (name: string, scope?: string) => Promise<readonly string[]>;
}

/** The grammar of `language` and its completion. */
export async function loadLanguage(language: Language, completions: Completions = {}): Promise<Extension> {
  const [{ completion }, grammar] = await Promise.all([import("./completion"), loadGrammar(language, completions)]);
  return [completion(), grammar];
}

/** Each is a chunk of its own. */
async function loadGrammar(language: Language, completions: Completions): Promise<Extension> {
  switch (language) {
    case "promql":
      return (await import("./promql")).promql(completions);
    case "logql":
      return (await import("./logql")).logql(completions);
    case "traceql":
      return (await import("./traceql")).traceql(completions);
  }
}
