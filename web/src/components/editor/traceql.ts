import type { Completion } from "@codemirror/autocomplete";
import { defineLanguageFacet, Language, languageDataProp, LanguageSupport } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { parser } from "@grafana/lezer-traceql";
import { styleTags, tags } from "@lezer/highlight";

import { maskIntrinsics } from "../../lib/traceql/mask";
import { markMistakes } from "./base";
import type { Completions } from "./language";
import { MaskingParser } from "./masked";
import { completionSource, type Vocabulary } from "./source";

const highlighting = styleTags({
  "LineComment BlockComment": tags.comment,
  "AttributeField/... AttributeField/Identifier": tags.attributeName,
  IntrinsicField: tags.propertyName,
  String: tags.string,
  "Integer Float Duration": tags.number,
  Static: tags.literal,
  "Aggregate MetricsOperationBasicType MetricsOverTimeType MetricsOperationHistogram MetricsOperationCompare": tags.function(tags.variableName),
  "With GroupOperation SelectOperation CoalesceOperation": tags.modifier,
  "FieldOp ComparisonOp ScalarOp And Or Gt Lt Anc Desc Pipe UnionStructuralOp ExperimentalOp": tags.operator,
  "⚠": tags.invalid,
});

const data = defineLanguageFacet({ closeBrackets: { brackets: ["(", "{", '"', "`"] }, commentTokens: { line: "//" } });
const language = new Language(data, new MaskingParser(parser.configure({ props: [highlighting, languageDataProp.add((type) => (type.isTop ? data : undefined))] }), maskIntrinsics), [], "traceql");

const intrinsic = (label: string, detail: string): Completion => ({ label, detail, type: "keyword" });

const vocabulary: Vocabulary = {
  names: [
    intrinsic("name", "of the span"),
    intrinsic("status", "ok, error or unset"),
    intrinsic("statusMessage", "text beside the status"),
    intrinsic("kind", "server, client, …"),
    intrinsic("duration", "of the span"),
    intrinsic("traceDuration", "of the whole trace"),
    intrinsic("rootName", "name of the root span"),
    intrinsic("rootServiceName", "service of the root span"),
  ],
  stages: "rate count_over_time min_over_time max_over_time avg_over_time quantile_over_time histogram_over_time compare count avg min max sum by select coalesce"
    .split(" ")
    .map((label) => ({ label, type: "function" })),
  functions: [],
  bareValues: {
    status: ["error", "ok", "unset"],
    kind: ["server", "client", "internal", "producer", "consumer", "unspecified"],
  },
};

/** TraceQL: grammar, colours, completion of attributes, values, intrinsics and functions. */
export function traceql(completions: Completions): Extension {
  return new LanguageSupport(language, [language.data.of({ autocomplete: completionSource(vocabulary, completions) }), markMistakes]);
}
