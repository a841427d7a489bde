import { Button, NumberInput, Select, Switch, TagsInput, TextInput } from "@mantine/core";
import { lazy, Suspense, useState } from "react";

import type { Language } from "../../../components/editor/language";
import { QueryEditor } from "../../../components/editor/QueryEditor";
import type { Source, SourceType } from "../../../lib/dashboard/datasource";
import { interpolate } from "../../../lib/dashboard/interpolate";
import { bool, num, str, strs, type Obj } from "../../../lib/dashboard/json";
import { builtTraceQL } from "../../../lib/dashboard/plan";
import { queryFormat } from "../../../lib/dashboard/sourceFormat";
import { useShared } from "../DashboardContext";
import { useCompletions } from "./useCompletions";
import classes from "./panelEditor.module.css";

const QueryBuilder = lazy(async () => ({ default: (await import("../../../components/querybuilder/QueryBuilder")).QueryBuilder }));

/** The languages of the sources that have one. */
export const languages: Partial<Record<SourceType, Language>> = { prometheus: "promql", loki: "logql", tempo: "traceql" };

interface SourceFieldsProps {
  source: Source;
  name: string;
  target: Obj;
  onChange: (target: Obj) => void;
}

/** What is asked of a data source: as text, by choosing its parts, or by a form where it has no language. */
export function SourceFields({ source, name, target, onChange }: SourceFieldsProps) {
  const language = languages[source.type];
  const set = (member: string, value: unknown): void => onChange({ ...target, [member]: value });
  if (source.type === "alertmanager") return <AlertFields target={target} onChange={onChange} />;
  if (source.type === "jaeger") return <JaegerFields target={target} onChange={onChange} />;
  const input = (label: string, key: string, placeholder: string) => <TextInput label={label} placeholder={placeholder} value={str(target[key])} onChange={(event) => set(key, event.currentTarget.value)} />;
  return (
    <>
      {language && <LanguageFields language={language} source={source} name={name} target={target} onChange={onChange} />}
      <div className={classes.queryTools}>
        {source.type !== "tempo" && input("Legend", "legendFormat", "{{label}}, or __auto")}
        {source.type === "prometheus" && (
          <>
            <Select label="Format" w={130} data={[{ value: "time_series", label: "Series" }, { value: "table", label: "Table" }, { value: "heatmap", label: "Heatmap" }]} value={str(target.format, "time_series")} onChange={(value) => set("format", value)} />
            <Select label="Asked" w={140} data={[{ value: "range", label: "Over the range" }, { value: "instant", label: "At its end" }, { value: "both", label: "Both" }]} value={bool(target.instant) ? (bool(target.range) ? "both" : "instant") : "range"} onChange={(value) => onChange({ ...target, range: value !== "instant", instant: value !== "range" })} />
            {input("Shortest step", "interval", "auto")}
            <Switch label="Exemplars" mt={18} checked={bool(target.exemplar)} onChange={(event) => set("exemplar", event.currentTarget.checked)} />
          </>
        )}
        {source.type === "loki" && (
          <>
            <Select label="Asked" w={140} data={[{ value: "range", label: "Over the range" }, { value: "instant", label: "At its end" }]} value={str(target.queryType, "range")} onChange={(value) => set("queryType", value)} />
            <NumberInput label="Most lines" w={110} min={1} max={5000} placeholder="1000" value={num(target.maxLines) ?? ""} onChange={(value) => set("maxLines", value === "" ? undefined : Number(value))} />
            <Select label="Order" w={140} data={[{ value: "backward", label: "Newest first" }, { value: "forward", label: "Oldest first" }]} value={str(target.direction, "backward")} onChange={(value) => set("direction", value)} />
          </>
        )}
        {source.type === "tempo" && <NumberInput label="Most traces" w={110} min={1} max={1000} placeholder="20" value={num(target.limit) ?? ""} onChange={(value) => set("limit", value === "" ? undefined : Number(value))} />}
      </div>
    </>
  );
}

interface LanguageFieldsProps extends SourceFieldsProps {
  language: Language;
}

function LanguageFields({ language, source, name, target, onChange }: LanguageFieldsProps) {
  const { dashboard, scope } = useShared();
  const clicked = source.type === "tempo" && (target.queryType === "traceqlSearch" || target.queryType === "nativeSearch");
  const member = source.type === "tempo" ? "query" : "expr";
  const given = clicked ? builtTraceQL(target, str) : str(target[member]) || str(target.query);
  const [draft, setDraft] = useState({ of: given, text: given });
  const text = draft.of === given ? draft.text : given;
  const completions = useCompletions(source);
  const format = queryFormat(source.type, dashboard.variables);
  const fill = (selector: string): string => interpolate(selector, [scope], format);
  // What was clicked together elsewhere is a text from here on: one query, not two.
  const run = (next: string): void => onChange({ ...target, [member]: next, ...(clicked ? { queryType: "traceql" } : {}) });
  const building = target.editorMode === "builder";
  return (
    <>
      <div className={classes.queryHead}>
        <div style={{ flex: 1, minWidth: 0 }}>
          <QueryEditor language={language} label={`Query ${name}`} placeholder="Ctrl+Enter runs it" value={text} onChange={(next) => setDraft({ of: given, text: next })} onRun={run} completions={completions} />
        </div>
        <Button disabled={text === given} onClick={() => run(text)}>
          Run
        </Button>
        <Button variant={building ? "filled" : "default"} aria-expanded={building} aria-label={`Builder of ${name}`} onClick={() => onChange({ ...target, editorMode: building ? "code" : "builder" })}>
          Builder
        </Button>
      </div>
      {building && (
        <Suspense fallback={null}>
          <QueryBuilder language={language} base={source.base} fill={fill} query={text} onChange={run} />
        </Suspense>
      )}
    </>
  );
}

function AlertFields({ target, onChange }: { target: Obj; onChange: (target: Obj) => void }) {
  const flag = (label: string, member: string, fallback: boolean) => <Switch label={label} checked={target[member] === undefined ? fallback : bool(target[member])} onChange={(event) => onChange({ ...target, [member]: event.currentTarget.checked })} />;
  return (
    <div className={classes.queryTools}>
      <TagsInput label="Alerts with" miw={260} placeholder='severity="critical"' value={strs(target.filters)} onChange={(filters) => onChange({ ...target, filters })} />
      {flag("Firing", "active", true)}
      {flag("Silenced", "silenced", false)}
      {flag("Inhibited", "inhibited", false)}
    </div>
  );
}

function JaegerFields({ target, onChange }: { target: Obj; onChange: (target: Obj) => void }) {
  const search = target.queryType === "search";
  const input = (label: string, key: string, placeholder: string) => <TextInput label={label} placeholder={placeholder} value={str(target[key])} onChange={(event) => onChange({ ...target, [key]: event.currentTarget.value })} />;
  return (
    <div className={classes.queryTools}>
      <Select label="Asked for" w={140} data={[{ value: "search", label: "A search" }, { value: "traceID", label: "One trace" }]} value={search ? "search" : "traceID"} onChange={(value) => onChange({ ...target, queryType: value === "search" ? "search" : undefined })} />
      {search ? (
        <>
          {input("Service", "service", "cart")}
          {input("Operation", "operation", "any")}
          {input("Tags", "tags", "http.status_code=500 error=true")}
          {input("Longer than", "minDuration", "100ms")}
          {input("Shorter than", "maxDuration", "5s")}
        </>
      ) : (
        input("Query", "query", "A trace id")
      )}
    </div>
  );
}
