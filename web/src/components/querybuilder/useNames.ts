import { useQuery } from "@tanstack/react-query";

import { lokiLabelNames, lokiLabelValues } from "../../api/sourceLoki";
import { promLabelNames, promLabelValues } from "../../api/sourceProm";
import { tagNames, tagValues } from "../../api/tempo";
import type { TimeRange } from "../../lib/time";
import type { Language } from "../editor/language";
import { useTime } from "../time/TimeContext";

/** Where names and values on offer come from. */
export interface NameSource {
  language: Language;
  /** Path that the API's own paths are appended to. */
  base: string;
  /** Fills in the variables of a selector. */
  fill: (text: string) => string;
}

// Names seldom change: a range that moves along asks again only now and then.
const roundMs = 300_000;

/** Names of metrics, labels or attributes; those of the series or spans of a selector if one is given. */
export function useNames(source: NameSource, selector = ""): readonly string[] {
  const range = useRoundRange();
  const match = source.fill(selector);
  const { data } = useQuery({ queryKey: ["builder", "names", source.language, source.base, match, range], queryFn: ({ signal }) => names(source, match, range, signal), staleTime: 60_000, retry: false });
  return data ?? none;
}

/** Values of a name. They are asked for when `wanted`: when somebody is about to choose. */
export function useValues(source: NameSource, name: string, selector: string, wanted: boolean): readonly string[] {
  const range = useRoundRange();
  const match = source.fill(selector);
  const { data } = useQuery({
    queryKey: ["builder", "values", source.language, source.base, name, match, range],
    enabled: wanted && name !== "",
    queryFn: ({ signal }) => values(source, name, match, range, signal),
    staleTime: 60_000,
    retry: false,
  });
  return data ?? none;
}

const none: readonly string[] = [];

function useRoundRange(): TimeRange {
  const { range } = useTime();
  return { from: Math.floor(range.from / roundMs) * roundMs, to: Math.ceil(range.to / roundMs) * roundMs };
}

function names({ language, base }: NameSource, match: string, range: TimeRange, signal: AbortSignal): Promise<string[]> {
  switch (language) {
    case "promql":
      return promLabelNames(base, match, range, signal);
    case "logql":
      return lokiLabelNames(base, range, signal);
    case "traceql":
      return tagNames(seconds(range), signal, base);
  }
}

function values({ language, base }: NameSource, name: string, match: string, range: TimeRange, signal: AbortSignal): Promise<string[]> {
  switch (language) {
    case "promql":
      return promLabelValues(base, name, match, range, signal);
    case "logql":
      return lokiLabelValues(base, name, match, range, signal);
    case "traceql":
      return tagValues(name, { ...seconds(range), query: match || "{}" }, signal, base);
  }
}

function seconds({ from, to }: TimeRange): { start: number; end: number } {
  return { start: Math.floor(from / 1000), end: Math.ceil(to / 1000) };
}
