import { Button, Select, Tabs, TextInput } from "@mantine/core";
import { useCallback, useMemo, useState } from "react";

import { Notice } from "../../../components/Notice";
import { Empty } from "../../../components/status";
import { useTime } from "../../../components/time/TimeContext";
import { useSize } from "../../../components/useSize";
import { getIn, modernPanel, setInPanel, updatePanel } from "../../../lib/dashboard/edit";
import type { Frame } from "../../../lib/dashboard/frame";
import { interpolate } from "../../../lib/dashboard/interpolate";
import { objs, str, type Obj } from "../../../lib/dashboard/json";
import { optionsFor } from "../../../lib/dashboard/optionSchema";
import { readPanel, withLibrary } from "../../../lib/dashboard/read";
import type { PlacedPanel } from "../../../lib/dashboard/repeat";
import { suggestTypes } from "../../../lib/dashboard/suggestType";
import { applyTransforms } from "../../../lib/dashboard/transform";
import { panelTypes } from "../../../viz/registry";
import { pointsFor, usePanel } from "../usePanel";
import { PanelBox } from "../view/PanelBox";
import type { Editor } from "./EditorContext";
import { parseObject } from "./JsonDialog";
import { JsonField } from "./JsonField";
import { LinkList } from "./LinkList";
import { MappingList } from "./MappingList";
import { OptionList, type Put } from "./OptionList";
import { OverrideList } from "./OverrideList";
import { QueryList } from "./QueryList";
import { SettingSection } from "./SettingSection";
import { ThresholdList } from "./ThresholdList";
import { fieldsIn } from "./transform/fieldsIn";
import { TransformList } from "./transform/TransformList";
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
  if (!raw) return <Empty title={`There is no panel ${id}`} height={240} />;
  return <Opened id={id} raw={raw} editor={editor} onClose={onClose} />;
}

function Opened({ id, raw, editor, onClose }: PanelEditorProps & { raw: Obj }) {
  const { ref, width } = useSize();
  const { library } = editor;
  const placed = useMemo((): PlacedPanel => ({ key: `edit/${id}`, panel: { ...readPanel(raw, library), id, repeat: "" }, pos: { x: 0, y: 0, w: 24, h: 8 }, scope: new Map() }), [raw, library, id]);
  const panel = useMemo(() => modernPanel(withLibrary(raw, library)), [raw, library]);
  const { apply } = editor.draft;
  const put = useCallback<Put>((path, value) => apply((before) => setInPanel(before, id, path, value, library), `${id} ${path.join(".")}`), [apply, id, library]);
  const outer = Math.floor(width);
  return (
    <div className={classes.editor}>
      <div className={classes.main}>
        {placed.panel.library && <Notice>{`A library panel, “${placed.panel.library}”. With the first change it is this dashboard's own, and no longer follows the library; kept in the library again, all dashboards show the change.`}</Notice>}
        <div ref={ref} style={{ height: previewHeight }}>
          {outer > 0 && <PanelBox placed={placed} width={outer} height={previewHeight} />}
        </div>
        <Parts placed={placed} panel={panel} width={outer} put={put} onJson={(next) => editor.draft.apply((before) => updatePanel(before, id, () => ({ ...next, id })))} raw={raw} />
      </div>
      <Settings panel={panel} type={placed.panel.type} put={put} onClose={onClose} />
    </div>
  );
}

interface PartsProps {
  placed: PlacedPanel;
  panel: Obj;
  raw: Obj;
  width: number;
  put: Put;
  onJson: (panel: Obj) => void;
}

/** What the panel asks, what is done with the answers, and its JSON. */
function Parts({ placed, panel, raw, width, put, onJson }: PartsProps) {
  const { zone } = useTime();
  // The preview asks the same: this is its answer.
  const { answer, scopes } = usePanel(placed.panel, placed.scope, width > 0 ? "visible" : "far", pointsFor(width));
  const scope = useMemo(() => ({ interpolate: (text: string) => interpolate(text, scopes, "text"), zone }), [scopes, zone]);
  const transformations = useMemo(() => objs(panel.transformations), [panel]);
  const frames = answer?.frames ?? none;
  const known = useMemo(() => fieldsIn(applyTransforms(frames, transformations, scope).frames), [frames, transformations, scope]);
  const { targets, fieldConfig, id, type } = placed.panel;
  return (
    <Tabs defaultValue="queries" keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="queries">Queries {targets.length}</Tabs.Tab>
        <Tabs.Tab value="transform">Transformations {transformations.length}</Tabs.Tab>
        <Tabs.Tab value="overrides">Overrides {fieldConfig.overrides.length}</Tabs.Tab>
        <Tabs.Tab value="json">JSON</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="queries" pt={12}>
        <Suggested frames={frames} type={type} put={put} />
        <QueryList id={id} panel={panel} put={put} />
      </Tabs.Panel>
      <Tabs.Panel value="transform" pt={12}>
        <TransformList transformations={transformations} frames={frames} scope={scope} onChange={(next) => put(["transformations"], next)} />
      </Tabs.Panel>
      <Tabs.Panel value="overrides" pt={12}>
        <OverrideList panel={panel} type={type} known={known} put={put} />
      </Tabs.Panel>
      <Tabs.Panel value="json" pt={12}>
        <PanelJson panel={raw} onApply={onJson} />
      </Tabs.Panel>
    </Tabs>
  );
}

/** Types of panels that suit the answer better than the one there is. */
function Suggested({ frames, type, put }: { frames: readonly Frame[]; type: string; put: Put }) {
  const types = useMemo(() => suggestTypes(frames), [frames]);
  if (types.length === 0 || types.includes(type)) return null;
  return (
    <p className={classes.suggested}>
      This answer suits{" "}
      {types.slice(0, 3).map((id) => (
        <Button key={id} size="compact-xs" variant="default" onClick={() => put(["type"], id)}>
          {panelTypes.get(id)?.name ?? id}
        </Button>
      ))}
    </p>
  );
}

const none: never[] = [];

const defaults = ["fieldConfig", "defaults"];
const lists = [
  { title: "Thresholds", words: "colour step value threshold", path: [...defaults, "thresholds"] },
  { title: "Values as texts", words: "mapping value text colour", path: [...defaults, "mappings"] },
  { title: "Links of values", words: "data link address", path: [...defaults, "links"] },
  { title: "Links of the panel", words: "link address", path: ["links"] },
] as const;

/** All settings of the panel, found by a word. */
function Settings({ panel, type, put, onClose }: { panel: Obj; type: string; put: Put; onClose: () => void }) {
  const [find, setFind] = useState("");
  const choices = useMemo(() => typeChoices(type), [type]);
  const sought = find.toLowerCase().split(/\s+/).filter(Boolean);
  const found = optionsFor(type, find).length > 0 || lists.some(({ title, words }) => sought.every((word) => `${title} ${words}`.toLowerCase().includes(word)));
  return (
    <aside className={classes.side} aria-label="Settings of the panel">
      <div className={classes.sideHead}>
        <Select aria-label="Type of the panel" searchable data={choices} value={type} onChange={(next) => put(["type"], next ?? type)} />
        <Button onClick={onClose}>Done</Button>
      </div>
      <TextInput aria-label="Find a setting" placeholder="Find a setting" value={find} onChange={(event) => setFind(event.currentTarget.value)} />
      <OptionList panel={panel} type={type} find={find} put={put} />
      {lists.map(({ title, words, path }) => (
        <SettingSection key={title} title={title} words={words} find={find} panel={panel} path={path} put={put}>
          {title === "Thresholds" ? (
            <ThresholdList value={getIn(panel, path)} onChange={(next) => put(path, next)} />
          ) : title === "Values as texts" ? (
            <MappingList value={getIn(panel, path)} onChange={(next) => put(path, next)} />
          ) : (
            <LinkList value={getIn(panel, path)} example={title === "Links of values" ? "/d/uid?var-job=${__field.labels.job}" : "/d/uid?${__url_time_range}"} onChange={(next) => put(path, next)} />
          )}
        </SettingSection>
      ))}
      {!found && <p className={classes.note}>No setting has these words. The JSON has them all.</p>}
    </aside>
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
