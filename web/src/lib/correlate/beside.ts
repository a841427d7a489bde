import { list, urlSchema } from "../urlState";
import type { TargetKind } from "./rules";
import type { Target } from "./targets";

/** What is looked at beside a page. */
export type Peek = Omit<Target, "title">;

/** Any page's: what is open beside it, as writePeek has it; empty for nothing. */
export const besideState = urlSchema<{ beside: readonly string[] }>({ beside: list() });

const kinds: readonly string[] = ["logs", "traces", "metrics", "browse", "trace"] satisfies TargetKind[];

/** Whether a target can be looked at beside the page: a service has a page of its own, and so has the rate of lines. */
export function canPeek({ to, queries }: Pick<Peek, "to" | "queries">): boolean {
  return kinds.includes(to) && queries.length > 0 && (to !== "logs" || queries.every((query) => query.startsWith("{")));
}

/** A target as URLs carry it: what it is, the rule that led there, its times ("" for the page's), and its queries. */
export function writePeek({ to, rule, range, queries }: Peek): readonly string[] {
  return [to, rule, range ? `${Math.round(range.from)}-${Math.round(range.to)}` : "", ...queries];
}

/** Reads what writePeek wrote; undefined for nothing, and for what is none. */
export function readPeek([to = "", rule = "", times = "", ...queries]: readonly string[]): Peek | undefined {
  const [, from, until] = /^(\d+)-(\d+)$/.exec(times) ?? [];
  const range = from === undefined || until === undefined ? undefined : { from: Number(from), to: Number(until) };
  const peek: Peek = { to: to as TargetKind, rule, queries, range };
  return canPeek(peek) ? peek : undefined;
}
