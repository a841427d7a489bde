import * as z from "zod/mini";

import type { Language } from "../lib/palette";
import { hideMacros } from "../lib/hideMacros";
import { fetchJSON } from "./client";

const answer = z.object({ data: z.string() });
const paths: Partial<Record<Language, string>> = { promql: "/api/v1/format_query", logql: "/loki/api/v1/format_query" };

/** Whether the server lays out queries of a language. */
export function canFormat(language: Language): boolean {
  return paths[language] !== undefined;
}

/** A query in the server's layout; its macros stay. */
export async function formatQuery(language: Language, query: string): Promise<string> {
  const path = paths[language];
  if (path === undefined) return query;
  const { text, back } = hideMacros(query);
  return back((await fetchJSON(path, answer, { params: { query: text }, post: language === "promql" })).data);
}
