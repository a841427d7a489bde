import type { Language } from "../editor/language";
import { LogBuilder } from "./LogBuilder";
import { PromBuilder } from "./PromBuilder";
import { TraceBuilder } from "./TraceBuilder";
import type { NameSource } from "./useNames";

interface QueryBuilderProps {
  language: Language;
  query: string;
  /** Every choice, as the whole query. */
  onChange: (query: string) => void;
  /** Path of the API that names come from; without it the server's own. */
  base?: string;
  /** Fills in the variables of a selector before names are asked for with it. */
  fill?: (text: string) => string;
}

const ownBases: Record<Language, string> = { promql: "", logql: "", traceql: "/tempo" };
const asWritten = (text: string): string => text;

/** A query by choosing its parts, in any of the languages; what it has no controls for stays as text. */
export function QueryBuilder({ language, query, onChange, base = ownBases[language], fill = asWritten }: QueryBuilderProps) {
  const source: NameSource = { language, base, fill };
  switch (language) {
    case "promql":
      return <PromBuilder query={query} source={source} onChange={onChange} />;
    case "logql":
      return <LogBuilder query={query} source={source} onChange={onChange} />;
    case "traceql":
      return <TraceBuilder query={query} source={source} onChange={onChange} />;
  }
}
