import { Button, Select, Tabs } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useMemo, useState } from "react";

import { Empty } from "../../../components/status";
import { modernPanel, setInPanel, updatePanel } from "../../../lib/dashboard/edit";
import type { Obj } from "../../../lib/dashboard/json";
import { objs, str } from "../../../lib/dashboard/json";
import { readPanel } from "../../../lib/dashboard/read";
import { panelTypes } from "../../../viz/registry";
import { PanelBox } from "../view/PanelBox";
import type { Editor } from "./EditorContext";
import { parseObject } from "./JsonDialog";
import { JsonField } from "./JsonField";
import { OptionList } from "./OptionList";
import { OverrideList } from "./OverrideList";
import { QueryList } from "./QueryList";
import { ThresholdList } from "./ThresholdList";
import { TransformList } from "./TransformList";
import classes from "./panelEditor.module.css";

interface PanelEditorProps {
  id: number;
  editor: Editor;
  onClose: () => void;
}

const previewHeight = 320;

/** One panel with its queries and settings. Every change shows at once, and is a step that can be undone. */
export function PanelEditor({ id, editor, onClose }: PanelEditorProps) {
  const raw = editor.rawPanel(id);
  const { ref, width } = useElementSize<HTMLDivElement>();
  const placed = useMemo(() => (raw ? { key: `edit/${id}`, panel: { ...readPanel(raw), id, repeat: "" }, pos: { x: 0, y: 0, w: 24, h: 8 }, scope: new Map() } : undefined), [raw, id]);
  if (!raw || !placed) return <Empty title={`There is no panel ${id}`} height={240} />;
  const panel = modernPanel(raw);
  const put = (path: readonly (string | number)[], value: unknown): void => editor.draft.apply((before) => setInPanel(before, id, path, value), `${id} ${path.join(".")}`);
  const { type } = placed.panel;

  return (
    <div className={classes.editor}>
      <div className={classes.main}>
        <div ref={ref} style={{ height: previewHeight }}>
          {width > 0 && <PanelBox placed={placed} width={Math.floor(width)} height={previewHeight} />}
        </div>
        <Tabs defaultValue="queries" keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="queries">Queries {placed.panel.targets.length}</Tabs.Tab>
            <Tabs.Tab value="transform">Transformations {placed.panel.transformations.length}</Tabs.Tab>
            <Tabs.Tab value="overrides">Overrides {placed.panel.fieldConfig.overrides.length}</Tabs.Tab>
            <Tabs.Tab value="json">JSON</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="queries" pt={12}>
            <QueryList panel={panel} put={put} />
          </Tabs.Panel>
          <Tabs.Panel value="transform" pt={12}>
            <TransformList transformations={objs(panel.transformations)} onChange={(next) => put(["transformations"], next)} />
          </Tabs.Panel>
          <Tabs.Panel value="overrides" pt={12}>
            <OverrideList panel={panel} put={put} />
          </Tabs.Panel>
          <Tabs.Panel value="json" pt={12}>
            <PanelJson panel={raw} onApply={(next) => editor.draft.apply((before) => updatePanel(before, id, () => ({ ...next, id })))} />
          </Tabs.Panel>
        </Tabs>
      </div>
      <aside className={classes.side} aria-label="Settings of the panel">
        <div className={classes.sideHead}>
          <Select
            aria-label="Type of the panel"
            searchable
            data={typeChoices(type)}
            value={type}
            onChange={(next) => put(["type"], next ?? type)}
          />
          <Button onClick={onClose}>Done</Button>
        </div>
        <OptionList panel={panel} type={type} put={put} />
        <ThresholdList panel={panel} put={put} />
      </aside>
    </div>
  );
}

function typeChoices(current: string) {
  const known = [...panelTypes.values()].map((one) => ({ value: one.id, label: one.name }));
  return known.some((one) => one.value === current) ? known : [...known, { value: current, label: current }];
}

function PanelJson({ panel, onApply }: { panel: Obj; onApply: (panel: Obj) => void }) {
  const given = JSON.stringify(panel, null, 2);
  const [draft, setDraft] = useState({ of: given, text: given });
  const [error, setError] = useState("");
  const text = draft.of === given ? draft.text : given;
  const apply = (): void => {
    const read = parseObject(text);
    setError(typeof read === "string" ? read : "");
    if (typeof read !== "string") onApply(read);
  };
  return (
    <>
      <JsonField label={`JSON of ${str(panel.title, "the panel")}`} value={text} onChange={(next) => setDraft({ of: given, text: next })} rows={20} />
      {error !== "" && (
        <p role="alert" className={classes.problem}>
          {error}
        </p>
      )}
      <Button variant="default" disabled={text === given} onClick={apply}>
        Apply
      </Button>
    </>
  );
}
