import { Autocomplete, Button, Select, TextInput } from "@mantine/core";
import { useState } from "react";

import { likelyNames } from "../../../../components/editor/metricNames";
import { useNames, useValues, type NameSource } from "../../../../components/querybuilder/useNames";
import type { SourceType } from "../../../../lib/dashboard/datasource";
import { interpolate } from "../../../../lib/dashboard/interpolate";
import { queryText } from "../../../../lib/dashboard/readVariables";
import { variableRequest, writeVariableQuery, type VariableRequest } from "../../../../lib/dashboard/variableQuery";
import { useShared } from "../../DashboardContext";
import { languages } from "../SourceFields";
import classes from "../edit.module.css";

interface VariableQueryProps {
  type: SourceType;
  base: string;
  /** As the dashboard has it: a text, or the object that some sources' editors save. */
  query: unknown;
  onChange: (query: unknown) => void;
}

const kinds: { value: VariableRequest["ask"]; label: string }[] = [
  { value: "labelValues", label: "Values of a label" },
  { value: "labelNames", label: "Names of labels" },
  { value: "metrics", label: "Names of metrics" },
  { value: "result", label: "Series of a query" },
  { value: "series", label: "Series of a selector" },
];

const asWritten = (text: string): string => text;

/** What a variable asks its source for: as a form, and as the text that it is kept as. */
export function VariableQuery({ type, base, query, onChange }: VariableQueryProps) {
  const { scope } = useShared();
  const [asText, setAsText] = useState(false);
  const read = variableRequest(type, query, asWritten);
  const request: VariableRequest = "error" in read ? { ask: "labelValues", label: "", match: "" } : read;
  const put = (next: VariableRequest): void => onChange(writeVariableQuery(type, query, next));
  const source: NameSource = { language: languages[type] ?? "promql", base, fill: (text) => interpolate(text, [scope], "raw") };
  return (
    <>
      <div className={classes.row}>
        <Select
          label="Asks for"
          allowDeselect={false}
          data={type === "prometheus" ? kinds : kinds.slice(0, 2)}
          value={request.ask}
          onChange={(ask) => put(changed(request, ask as VariableRequest["ask"]))}
        />
        {request.ask === "labelValues" && <LabelField source={source} request={request} onChange={put} />}
        {(request.ask === "labelValues" || request.ask === "labelNames" || request.ask === "series") && <MatchField type={type} source={source} value={request.match} onChange={(match) => put({ ...request, match })} />}
        {request.ask === "metrics" && <TextInput label="That match" placeholder=".*_total" value={request.pattern} onChange={(event) => put({ ask: "metrics", pattern: event.currentTarget.value })} />}
        {request.ask === "result" && <TextInput label="Query of the values" style={{ flex: "1 1 240px" }} placeholder="topk(5, sum by (job) (up))" value={request.expr} onChange={(event) => put({ ask: "result", expr: event.currentTarget.value })} />}
        <Button mt={18} size="compact-sm" variant={asText ? "filled" : "default"} aria-expanded={asText} onClick={() => setAsText(!asText)}>
          Text
        </Button>
      </div>
      {asText && <TextInput label="Query" description="label_values(metric, label), label_values(label), label_names(), metrics(regex), query_result(expr)" value={textOf(query, request)} onChange={(event) => onChange(withText(query, event.currentTarget.value))} />}
    </>
  );
}

function changed(request: VariableRequest, ask: VariableRequest["ask"]): VariableRequest {
  const match = "match" in request ? request.match : "";
  switch (ask) {
    case "labelValues":
      return { ask, label: "", match };
    case "labelNames":
    case "series":
      return { ask, match };
    case "metrics":
      return { ask, pattern: ".*" };
    case "result":
      return { ask, expr: match };
  }
}

function LabelField({ source, request, onChange }: { source: NameSource; request: VariableRequest & { ask: "labelValues" }; onChange: (request: VariableRequest) => void }) {
  const names = useNames(source, source.language === "promql" ? request.match : "");
  return <Autocomplete label="Label" data={likelyNames(names, request.label)} filter={({ options }) => options} limit={200} value={request.label} onChange={(label) => onChange({ ...request, label })} />;
}

/** The series, streams or spans that are looked at; a metric is offered. */
function MatchField({ type, source, value, onChange }: { type: SourceType; source: NameSource; value: string; onChange: (match: string) => void }) {
  const metrics = useValues(source, "__name__", "", type === "prometheus");
  const label = type === "prometheus" ? "Of the metric or selector" : type === "loki" ? "Of the streams" : "Of the spans";
  const placeholder = type === "prometheus" ? "all" : type === "loki" ? '{job="api"}' : "{ status = error }";
  return <Autocomplete label={label} placeholder={placeholder} style={{ flex: "1 1 200px" }} data={likelyNames(metrics, value)} filter={({ options }) => options} limit={100} value={value} onChange={onChange} />;
}

function textOf(query: unknown, request: VariableRequest): string {
  return typeof query === "string" ? query : queryText(query) || String(writeVariableQuery("prometheus", "", request));
}

function withText(query: unknown, text: string): unknown {
  return typeof query === "object" && query !== null && "query" in query ? { ...query, query: text } : text;
}
