import type { Completion, CompletionContext, CompletionResult, CompletionSource } from "@codemirror/autocomplete";

import { contextAt } from "./context";
import type { Completions } from "./language";

/** The words of a language that completion offers besides names and values. */
export interface Vocabulary {
  /** Names that always exist, such as TraceQL's intrinsics. */
  names: readonly Completion[];
  /** What may follow a pipe. */
  stages: readonly Completion[];
  functions: readonly Completion[];
  /** Values of a name that are words of the language and are written without quotes. */
  bareValues: Record<string, readonly string[]>;
}

/** Completion for a language whose selectors stand in braces. */
export function completionSource(words: Vocabulary, { names, values }: Completions): CompletionSource {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const found = contextAt(context.state.sliceDoc(0, context.pos));
    if (!found) return null;
    if (!context.explicit && found.kind === "function" && found.from === context.pos) return null;
    const options = await choices();
    return options.length === 0 ? null : { from: found.from, options, validFor: /^[\w.:/-]*$/ };

    async function choices(): Promise<readonly Completion[]> {
      switch (found?.kind) {
        case "name":
          return [...words.names, ...(await quiet(names?.())).map((label) => ({ label, type: "property" }))];
        case "stage":
          return words.stages;
        case "function":
          return words.functions;
        case "value": {
          const bare = words.bareValues[found.name];
          if (bare) return found.quoted ? [] : bare.map((label) => ({ label, type: "keyword" }));
          const near = found.scope === "" ? [] : await quiet(values?.(found.name, found.scope));
          // Conditions that nothing meets, or that the server does not take, narrow nothing.
          const known = near.length > 0 ? near : await quiet(values?.(found.name));
          return known.map((label) => ({ label, type: "text", apply: found.quoted ? escape(label) : `"${escape(label)}"` }));
        }
        default:
          return [];
      }
    }
  };
}

// A completion that cannot be had is no reason to disturb the person typing.
async function quiet(asked: Promise<readonly string[]> | undefined): Promise<readonly string[]> {
  try {
    return (await asked) ?? [];
  } catch {
    return [];
  }
}

function escape(value: string): string {
  return value.replace(/[\\"]/g, "\\$&");
}
