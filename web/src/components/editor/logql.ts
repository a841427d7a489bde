import type { Completion } from "@codemirror/autocomplete";
import { defineLanguageFacet, Language, languageDataProp, LanguageSupport } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { parser } from "@grafana/lezer-logql";
import { styleTags, tags } from "@lezer/highlight";

import { maskVariables } from "../../lib/logql/mask";
import { markMistakes } from "./base";
import type { Completions } from "./language";
import { MaskingParser } from "./masked";
import { completionSource, type Vocabulary } from "./source";

const highlighting = styleTags({
  LineComment: tags.comment,
  "Matcher/Identifier LabelFilter/Identifier Labels/Identifier GroupingLabel/LabelName": tags.labelName,
  String: tags.string,
  "Number Duration Bytes": tags.number,
  "RangeOp/... VectorOp/... ConvOp/...": tags.function(tags.variableName),
  "Json Logfmt Unpack Pattern Regexp Unwrap LabelFormat LineFormat Decolorize Drop Keep": tags.keyword,
  "By Without On Ignoring GroupLeft GroupRight And Or Unless Bool Offset": tags.modifier,
  "Eq Neq Re Nre Eql Gtr Gte Lss Lte PipeExact PipeMatch PipePattern Npa Pipe Add Sub Mul Div Mod Pow": tags.operator,
  "⚠": tags.invalid,
});

const data = defineLanguageFacet({ closeBrackets: { brackets: ["(", "[", "{", '"', "`"] }, commentTokens: { line: "#" } });

// Variables and macros are filled in before a query is asked.
const language = new Language(data, new MaskingParser(parser.configure({ props: [highlighting, languageDataProp.add((type) => (type.isTop ? data : undefined))] }), maskVariables), [], "logql");

const word = (type: string) => (label: string): Completion => ({ label, type });

const vocabulary: Vocabulary = {
  names: [],
  stages: [
    { label: "json", type: "keyword", detail: "fields of a JSON line" },
    { label: "logfmt", type: "keyword", detail: "fields of key=value pairs" },
    { label: "pattern", type: "keyword", detail: "fields by a template" },
    { label: "regexp", type: "keyword", detail: "fields by named groups" },
    { label: "line_format", type: "keyword", detail: "rewrite the line" },
    { label: "label_format", type: "keyword", detail: "rename or rewrite labels" },
    { label: "unwrap", type: "keyword", detail: "a label as the value" },
    { label: "drop", type: "keyword", detail: "without these labels" },
    { label: "keep", type: "keyword", detail: "only these labels" },
    { label: "decolorize", type: "keyword", detail: "without ANSI colours" },
  ],
  functions: [
    ..."count_over_time rate bytes_over_time bytes_rate avg_over_time sum_over_time min_over_time max_over_time quantile_over_time first_over_time last_over_time absent_over_time"
      .split(" ")
      .map(word("function")),
    ..."sum avg min max count topk bottomk stddev stdvar sort sort_desc".split(" ").map(word("function")),
    ..."by without on ignoring group_left group_right offset bool".split(" ").map(word("keyword")),
  ],
  bareValues: {},
};

/** LogQL: grammar, colours, completion of labels, values, stages and functions. */
export function logql(completions: Completions): Extension {
  return new LanguageSupport(language, [language.data.of({ autocomplete: completionSource(vocabulary, completions) }), markMistakes]);
}
