import { ActionIcon, Select, TextInput } from "@mantine/core";
import IconCopy from "@tabler/icons-react/dist/esm/icons/IconCopy.mjs";
import IconEye from "@tabler/icons-react/dist/esm/icons/IconEye.mjs";
import IconEyeOff from "@tabler/icons-react/dist/esm/icons/IconEyeOff.mjs";
import IconTrash from "@tabler/icons-react/dist/esm/icons/IconTrash.mjs";

import { resolveSource } from "../../../lib/dashboard/datasource";
import { interpolate } from "../../../lib/dashboard/interpolate";
import { bool, num, obj, str, type Obj } from "../../../lib/dashboard/json";
import { useShared } from "../DashboardContext";
import { SourceFields } from "./SourceFields";
import classes from "./panelEditor.module.css";

interface QueryRowProps {
  name: string;
  target: Obj;
  /** Id of the panel that it is a query of. */
  panel: number;
  panelSource: unknown;
  onChange: (target: Obj) => void;
  onRemove: () => void;
  onCopy: () => void;
}

const otherPanel = "-- Dashboard --";

/** One query: of whom it is asked, what, and whether its answer is shown. */
export function QueryRow({ name, target, panel, panelSource, onChange, onRemove, onCopy }: QueryRowProps) {
  const { sources, dashboard, scope } = useShared();
  const written = target.datasource ?? panelSource;
  const ref = typeof written === "string" ? written : { type: str(obj(written).type), uid: str(obj(written).uid) };
  const resolved = resolveSource(written === undefined || written === null ? null : ref, { sources, inputs: dashboard.inputs, interpolate: (text) => interpolate(text, [scope], "raw") });
  const uid = typeof ref === "string" ? ref : ref.uid;
  const hidden = bool(target.hide);
  const known = [
    ...sources.map((one) => ({ value: one.uid, label: one.name })),
    ...dashboard.variables.filter((one) => one.type === "datasource").map((one) => ({ value: `\${${one.name}}`, label: `$${one.name}` })),
    { value: otherPanel, label: "Another panel's answer" },
  ];
  const choose = (value: string | null): void => {
    if (value === null) return;
    const found = sources.find((one) => one.uid === value);
    const type = found?.type ?? (value === otherPanel ? "datasource" : str(obj(written).type, "prometheus"));
    onChange({ ...target, datasource: { type, uid: value } });
  };
  return (
    <section className={classes.query} aria-label={`Query ${name}`}>
      <div className={classes.queryHead}>
        <span className={classes.refId}>{name}</span>
        {resolved.kind === "expression" ? (
          <span className={classes.note}>Expression</span>
        ) : (
          <Select aria-label={`Data source of ${name}`} searchable w={200} data={known.some((one) => one.value === uid) || uid === "" ? known : [...known, { value: uid, label: uid }]} value={uid === "" && resolved.kind === "source" ? resolved.source.uid : uid} onChange={choose} />
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
      {resolved.kind === "expression" ? (
        <ExpressionFields target={target} onChange={onChange} />
      ) : resolved.kind === "dashboard" ? (
        <PanelField target={target} panel={panel} onChange={onChange} />
      ) : resolved.kind === "source" ? (
        <SourceFields source={resolved.source} name={name} target={target} onChange={onChange} />
      ) : (
        <p className={classes.note}>{(resolved.kind === "unknown" && resolved.reason) || "This query is kept as it is; the JSON has it."}</p>
      )}
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

/** Which panel's answer is shown. */
function PanelField({ target, panel, onChange }: { target: Obj; panel: number; onChange: (target: Obj) => void }) {
  const { dashboard } = useShared();
  const panels = dashboard.sections.flatMap((section) => section.panels).filter((one) => one.id !== panel);
  return <Select label="The answer of" searchable data={panels.map((one) => ({ value: String(one.id), label: one.title || `Panel ${one.id}` }))} value={String(num(target.panelId) ?? "")} onChange={(id) => onChange({ ...target, panelId: Number(id) })} />;
}
