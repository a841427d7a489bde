import { MultiSelect, NumberInput, Select, Switch, TagsInput, TextInput } from "@mantine/core";
import { useState } from "react";

import type { Language } from "../../../../components/editor/language";
import { QueryEditor } from "../../../../components/editor/QueryEditor";
import { getIn } from "../../../../lib/dashboard/edit";
import { bool, list, num, obj, str, strs, type Obj } from "../../../../lib/dashboard/json";
import { resolveSource, readSource, type Source } from "../../../../lib/dashboard/datasource";
import { interpolate } from "../../../../lib/dashboard/interpolate";
import { builtTraceQL } from "../../../../lib/dashboard/plan";
import { useShared } from "../../DashboardContext";
import { ColourField } from "../ColourField";
import { languages } from "../SourceFields";
import { useCompletions } from "../useCompletions";
import { ListEditor, type PutItem } from "./ListEditor";
import classes from "../edit.module.css";

const own = { type: "grafana", uid: "-- Grafana --" };
const placeholders: Record<Language, string> = { promql: "changes(app_build_info[1m]) > 0", logql: '{service_name="deployer"} |= "released"', traceql: '{name="deploy" && status=error}' };
const made = (): Obj => ({ name: "New annotation", datasource: { type: "prometheus", uid: "prometheus" }, enable: true, hide: false, iconColor: "blue", expr: "", titleFormat: "", textFormat: "", tagKeys: "", step: "60s" });

/** What is drawn as marks over the charts: what queries answer, and what is written by hand. */
export function AnnotationSettings({ annotations, onChange }: { annotations: readonly Obj[]; onChange: (annotations: readonly Obj[]) => void }) {
  return (
    <ListEditor label="Annotations" items={annotations} name="name" note={(one) => (bool(one.builtIn) ? "built in" : one.enable === false ? "off" : "")} add="Add an annotation" made={made} hint="Annotations are marks over the charts: what a query answers, such as deployments, or what somebody wrote." onChange={onChange}>
      {(one, put) => <Fields annotation={one} put={put} />}
    </ListEditor>
  );
}

function Fields({ annotation, put }: { annotation: Obj; put: PutItem }) {
  const { sources, dashboard, scope } = useShared();
  const ref = readSource(annotation.datasource);
  const resolved = resolveSource(ref, { sources, inputs: dashboard.inputs, interpolate: (text) => interpolate(text, [scope], "raw") });
  const builtIn = bool(annotation.builtIn);
  const byOwn = builtIn || resolved.kind === "grafana";
  const uid = byOwn ? own.uid : typeof ref === "string" ? ref : (ref?.uid ?? (resolved.kind === "source" ? resolved.source.uid : ""));
  const asked = sources.filter((one) => languages[one.type] !== undefined);
  const choices = [{ value: own.uid, label: "Annotations kept here" }, ...asked.map((one) => ({ value: one.uid, label: one.name })), ...dashboard.variables.filter((one) => one.type === "datasource").map((one) => ({ value: `\${${one.name}}`, label: `$${one.name}` }))];
  const choose = (value: string | null): void => {
    if (value === null) return;
    const found = sources.find((source) => source.uid === value);
    put(["datasource"], value === own.uid ? own : { type: found?.type ?? "prometheus", uid: value });
  };
  return (
    <>
      <TextInput label="Name" value={str(annotation.name)} onChange={(event) => put(["name"], event.currentTarget.value)} />
      <div className={classes.row}>
        <Switch label="On" checked={annotation.enable !== false} onChange={(event) => put(["enable"], event.currentTarget.checked)} />
        <Switch label="Offer the switch on the page" checked={!bool(annotation.hide)} onChange={(event) => put(["hide"], !event.currentTarget.checked)} />
      </div>
      <div className={classes.labelled}>
        Colour
        <ColourField label="Colour" value={str(annotation.iconColor)} onChange={(colour) => put(["iconColor"], colour)} />
      </div>
      {!builtIn && <Select label="From" allowDeselect={false} data={choices.some((one) => one.value === uid) ? choices : [...choices, { value: uid, label: uid }]} value={uid} onChange={choose} />}
      {byOwn ? <OwnFields annotation={annotation} put={put} /> : resolved.kind === "source" ? <QueryFields source={resolved.source} annotation={annotation} put={put} /> : <p className={classes.note}>{resolved.kind === "unknown" ? resolved.reason : "It is kept as it is; the JSON has it."}</p>}
      <PanelFilter annotation={annotation} put={put} />
    </>
  );
}

function OwnFields({ annotation, put }: { annotation: Obj; put: PutItem }) {
  const target = obj(annotation.target);
  const byTags = target.type === "tags" || (annotation.type === "tags" && !bool(annotation.builtIn));
  return (
    <>
      {!bool(annotation.builtIn) && <Select label="Which" allowDeselect={false} data={[{ value: "dashboard", label: "Those of this dashboard" }, { value: "tags", label: "Those with tags, of all" }]} value={byTags ? "tags" : "dashboard"} onChange={(type) => put(["target"], { limit: 100, matchAny: false, tags: strs(target.tags), type })} />}
      {byTags && (
        <>
          <TagsInput label="Tags" value={strs(target.tags)} onChange={(tags) => put(["target", "tags"], tags)} />
          <Switch label="Any of them is enough" checked={bool(target.matchAny)} onChange={(event) => put(["target", "matchAny"], event.currentTarget.checked)} />
        </>
      )}
      <NumberInput label="At most" min={1} placeholder="100" value={num(target.limit) ?? ""} onChange={(value) => put(["target", "limit"], value === "" ? undefined : Number(value))} />
    </>
  );
}

function QueryFields({ source, annotation, put }: { source: Source; annotation: Obj; put: PutItem }) {
  const traces = source.type === "tempo";
  // Annotations of today keep it with the target, older ones beside.
  const path = traces ? ["target", "query"] : typeof getIn(annotation, ["target", "expr"]) === "string" ? ["target", "expr"] : ["expr"];
  const target = obj(annotation.target);
  const given = target.queryType === "traceqlSearch" ? builtTraceQL(target, str) : str(getIn(annotation, path));
  const keep = (query: string): void => (traces ? put(["target"], { limit: 100, ...target, refId: "Anno", queryType: "traceql", query }) : put(path, query));
  const [text, setText] = useState(given);
  const completions = useCompletions(source);
  const language = languages[source.type];
  const field = (label: string, member: string, placeholder: string) => <TextInput label={label} placeholder={placeholder} value={str(annotation[member])} onChange={(event) => put([member], event.currentTarget.value)} />;
  if (!language) return null;
  return (
    <>
      <div className={classes.labelled}>
        Query
        <QueryEditor
          language={language}
          label="Query of the annotation"
          placeholder={placeholders[language]}
          value={text}
          completions={completions}
          onChange={(next) => {
            setText(next);
            keep(next);
          }}
          onRun={keep}
        />
      </div>
      {field("Title", "titleFormat", traces ? "{{traceName}}" : "{{version}}")}
      {field("Text", "textFormat", source.type === "loki" ? "the line" : traces ? "{{traceService}}: {{traceName}}" : "{{instance}}")}
      {field(traces ? "Tags of the columns" : "Tags of the labels", "tagKeys", traces ? "traceService" : "version, instance")}
      {source.type === "prometheus" && (
        <>
          {field("Shortest step", "step", "60s")}
          <Switch label="The values are the times, in milliseconds" checked={bool(annotation.useValueForTime)} onChange={(event) => put(["useValueForTime"], event.currentTarget.checked)} />
        </>
      )}
      {source.type === "loki" && <NumberInput label="Most lines" min={1} placeholder="1000" value={num(annotation.maxLines) ?? ""} onChange={(value) => put(["maxLines"], value === "" ? undefined : Number(value))} />}
      {traces && <NumberInput label="Most traces" min={1} max={1000} placeholder="100" value={num(target.limit) ?? ""} onChange={(value) => put(["target", "limit"], value === "" ? undefined : Number(value))} />}
    </>
  );
}

/** The panels that it is drawn on. */
function PanelFilter({ annotation, put }: { annotation: Obj; put: PutItem }) {
  const { dashboard } = useShared();
  const filter = obj(annotation.filter);
  const ids = list(filter.ids).flatMap((id) => num(id) ?? []);
  const mode = ids.length === 0 && annotation.filter === undefined ? "all" : bool(filter.exclude) ? "exclude" : "include";
  const panels = dashboard.sections.flatMap((section) => section.panels);
  return (
    <>
      <Select
        label="Drawn on"
        allowDeselect={false}
        data={[
          { value: "all", label: "All panels" },
          { value: "include", label: "Only some" },
          { value: "exclude", label: "All but some" },
        ]}
        value={mode}
        onChange={(next) => put(["filter"], next === "all" ? undefined : { exclude: next === "exclude", ids })}
      />
      {mode !== "all" && <MultiSelect label="Panels" searchable data={panels.map((one) => ({ value: String(one.id), label: one.title || `Panel ${one.id}` }))} value={ids.map(String)} onChange={(next) => put(["filter", "ids"], next.map(Number))} />}
    </>
  );
}
