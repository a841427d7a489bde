import { ActionIcon, Button, Select, Switch, TextInput } from "@mantine/core";
import IconCopy from "@tabler/icons-react/dist/esm/icons/IconCopy.mjs";
import IconEye from "@tabler/icons-react/dist/esm/icons/IconEye.mjs";
import IconEyeOff from "@tabler/icons-react/dist/esm/icons/IconEyeOff.mjs";
import IconTrash from "@tabler/icons-react/dist/esm/icons/IconTrash.mjs";
import { useState } from "react";

import { baseURL } from "../../../api/client";
import type { Completions, Language } from "../../../components/editor/language";
import { QueryEditor } from "../../../components/editor/QueryEditor";
import { resolveSource, type SourceType } from "../../../lib/dashboard/datasource";
import { interpolate } from "../../../lib/dashboard/interpolate";
import { bool, obj, objs, str, type Obj } from "../../../lib/dashboard/json";
import { letter, readPanel } from "../../../lib/dashboard/read";
import { useShared } from "../DashboardContext";
import type { Put } from "./OptionList";
import classes from "./panelEditor.module.css";

const completions: Completions = { prometheus: { url: baseURL(), fetch: (input, init) => fetch(input, init) } };
const noCompletions: Completions = {};

const languages: Partial<Record<SourceType, Language>> = { prometheus: "promql", loki: "logql", tempo: "traceql" };
const expressionSource = { type: "__expr__", uid: "__expr__" };

/** The queries of a panel, and expressions over their answers. */
export function QueryList({ panel, put }: { panel: Obj; put: Put }) {
  const targets = objs(panel.targets);
  const names = readPanel(panel).targets.map((target) => target.refId);
  const free = (): string => {
    for (let index = 0; ; index++) if (!names.includes(letter(index))) return letter(index);
  };
  const source = panel.datasource ?? { type: "prometheus", uid: "prometheus" };
  return (
    <>
      {targets.map((target, index) => (
        <QueryRow
          key={names[index] ?? String(index)}
          name={names[index] ?? ""}
          target={target}
          panelSource={panel.datasource}
          onChange={(next) => put(["targets", index], next)}
          onRemove={() => put(["targets", index], undefined)}
          onCopy={() => put(["targets"], [...targets, { ...structuredClone(target), refId: free() }])}
        />
      ))}
      <div className={classes.queryTools}>
        <Button variant="default" onClick={() => put(["targets"], [...targets, { refId: free(), datasource: obj(source).uid === "-- Mixed --" ? { type: "prometheus", uid: "prometheus" } : source, expr: "", legendFormat: "__auto", range: true }])}>
          Add a query
        </Button>
        <Button variant="default" onClick={() => put(["targets"], [...targets, { refId: free(), datasource: expressionSource, type: "math", expression: names[0] ? `$${names[0]}` : "" }])}>
          Add an expression
        </Button>
      </div>
    </>
  );
}

interface QueryRowProps {
  name: string;
  target: Obj;
  panelSource: unknown;
  onChange: (target: Obj) => void;
  onRemove: () => void;
  onCopy: () => void;
}

function QueryRow({ name, target, panelSource, onChange, onRemove, onCopy }: QueryRowProps) {
  const { sources, dashboard, scope } = useShared();
  const written = target.datasource ?? panelSource;
  const ref = typeof written === "string" ? written : { type: str(obj(written).type), uid: str(obj(written).uid) };
  const resolved = resolveSource(written === undefined || written === null ? null : ref, { sources, inputs: dashboard.inputs, interpolate: (text) => interpolate(text, [scope], "raw") });
  const uid = typeof ref === "string" ? ref : ref.uid;
  const hidden = bool(target.hide);
  const known = [...sources.map((one) => ({ value: one.uid, label: one.name })), ...dashboard.variables.filter((one) => one.type === "datasource").map((one) => ({ value: `\${${one.name}}`, label: `$${one.name}` }))];
  const choose = (value: string | null): void => {
    const found = sources.find((one) => one.uid === value);
    if (value !== null) onChange({ ...target, datasource: found ? { type: found.type, uid: found.uid } : { type: str(obj(written).type, "prometheus"), uid: value } });
  };
  return (
    <section className={classes.query} aria-label={`Query ${name}`}>
      <div className={classes.queryHead}>
        <span className={classes.refId}>{name}</span>
        {resolved.kind === "expression" ? (
          <span className={classes.note}>Expression</span>
        ) : (
          <Select aria-label={`Data source of ${name}`} searchable w={180} data={known.some((one) => one.value === uid) || uid === "" ? known : [...known, { value: uid, label: uid }]} value={uid === "" && resolved.kind === "source" ? resolved.source.uid : uid} onChange={choose} />
        )}
        <span className={classes.space} />
        <ActionIcon aria-label={hidden ? `Show ${name}` : `Hide ${name}`} aria-pressed={hidden} onClick={() => onChange(hidden ? Object.fromEntries(Object.entries(target).filter(([key]) => key !== "hide")) : { ...target, hide: true })}>
          {hidden ? <IconEyeOff size={16} /> : <IconEye size={16} />}
        </ActionIcon>
        <ActionIcon aria-label={`Copy ${name}`} onClick={onCopy}>
          <IconCopy size={16} />
        </ActionIcon>
        <ActionIcon aria-label={`Remove ${name}`} onClick={onRemove}>
          <IconTrash size={16} />
        </ActionIcon>
      </div>
      {resolved.kind === "expression" ? <ExpressionFields target={target} onChange={onChange} /> : <SourceFields type={resolved.kind === "source" ? resolved.source.type : undefined} reason={resolved.kind === "unknown" ? resolved.reason : ""} name={name} target={target} onChange={onChange} />}
    </section>
  );
}

function ExpressionFields({ target, onChange }: { target: Obj; onChange: (target: Obj) => void }) {
  const type = str(target.type, "math");
  const text = (label: string, member: string, placeholder: string) => <TextInput label={label} placeholder={placeholder} value={str(target[member])} onChange={(event) => onChange({ ...target, [member]: event.currentTarget.value })} />;
  return (
    <div className={classes.queryTools}>
      <Select label="Operation" data={[{ value: "math", label: "Math" }, { value: "reduce", label: "Reduce" }, { value: "resample", label: "Resample" }, { value: "threshold", label: "Threshold" }]} value={type} onChange={(value) => onChange({ ...target, type: value })} />
      {text(type === "math" ? "Expression" : "Input", "expression", type === "math" ? "$A / $B" : "A")}
      {type === "reduce" && <Select label="To the" data={["mean", "last", "min", "max", "sum", "count", "median"]} value={str(target.reducer, "mean")} onChange={(value) => onChange({ ...target, reducer: value })} />}
      {type === "resample" && text("Window", "window", "1m")}
    </div>
  );
}

interface SourceFieldsProps {
  type: SourceType | undefined;
  reason: string;
  name: string;
  target: Obj;
  onChange: (target: Obj) => void;
}

function SourceFields({ type, reason, name, target, onChange }: SourceFieldsProps) {
  const member = type === "prometheus" || type === "loki" ? "expr" : "query";
  const given = str(target[member]);
  const [draft, setDraft] = useState({ of: given, text: given });
  const text = draft.of === given ? draft.text : given;
  const language = type ? languages[type] : undefined;
  const input = (label: string, key: string, placeholder: string) => <TextInput label={label} placeholder={placeholder} value={str(target[key])} onChange={(event) => onChange({ ...target, [key]: event.currentTarget.value })} />;
  if (!type) return <p className={classes.note}>{reason || "This query is kept as it is; the JSON has it."}</p>;
  return (
    <>
      {language ? (
        <div className={classes.queryHead}>
          <div style={{ flex: 1, minWidth: 0 }}>
            <QueryEditor language={language} label={`Query ${name}`} placeholder="Ctrl+Enter runs it" value={text} onChange={(next) => setDraft({ of: given, text: next })} onRun={(next) => onChange({ ...target, [member]: next })} completions={language === "promql" ? completions : noCompletions} />
          </div>
          <Button disabled={text === given} onClick={() => onChange({ ...target, [member]: text })}>
            Run
          </Button>
        </div>
      ) : (
        input("Query", member, "A trace id")
      )}
      <div className={classes.queryTools}>
        {(type === "prometheus" || type === "loki") && input("Legend", "legendFormat", "{{label}}, or __auto")}
        {type === "prometheus" && (
          <>
            <Select label="Format" w={130} data={[{ value: "time_series", label: "Series" }, { value: "table", label: "Table" }, { value: "heatmap", label: "Heatmap" }]} value={str(target.format, "time_series")} onChange={(value) => onChange({ ...target, format: value })} />
            <Select label="Asked" w={140} data={[{ value: "range", label: "Over the range" }, { value: "instant", label: "At its end" }, { value: "both", label: "Both" }]} value={bool(target.instant) ? (bool(target.range) ? "both" : "instant") : "range"} onChange={(value) => onChange({ ...target, range: value !== "instant", instant: value !== "range" })} />
            {input("Shortest step", "interval", "auto")}
            <Switch label="Exemplars" mt={18} checked={bool(target.exemplar)} onChange={(event) => onChange({ ...target, exemplar: event.currentTarget.checked })} />
          </>
        )}
        {type === "loki" && <Select label="Asked" w={140} data={[{ value: "range", label: "Over the range" }, { value: "instant", label: "At its end" }]} value={str(target.queryType, "range")} onChange={(value) => onChange({ ...target, queryType: value })} />}
      </div>
    </>
  );
}
