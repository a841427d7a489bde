import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";

import { listAnnotations, type StoredAnnotation } from "../../../api/dashboards";
import { deleteAnnotation, saveAnnotation } from "../../../api/shares";
import { Failure } from "../../../components/status";
import { useTime } from "../../../components/time/TimeContext";
import { resolveInstant } from "../../../lib/time";
import { formatTime } from "../../../lib/timeFormat";
import classes from "../edit/edit.module.css";

interface AnnotationDialogProps {
  /** Of the panel that new ones are written on. */
  panelId: number;
  title: string;
  onClose: () => void;
}

/** The annotations that people wrote on a panel or its dashboard, within the page's range. */
export function AnnotationDialog({ panelId, title, onClose }: AnnotationDialogProps) {
  const { uid = "" } = useParams({ strict: false }) as { uid?: string };
  const { range, zone } = useTime();
  const client = useQueryClient();
  const [changing, setChanging] = useState<StoredAnnotation | undefined>();
  const params = { dashboardUID: uid, from: Math.floor(range.from), to: Math.ceil(range.to), limit: 100 };
  const found = useQuery({ queryKey: ["annotations", "written", params], queryFn: ({ signal }) => listAnnotations(params, signal) });
  const changed = async (): Promise<void> => {
    setChanging(undefined);
    await Promise.all([client.invalidateQueries({ queryKey: ["annotations", "written"] }), client.invalidateQueries({ queryKey: ["dashboard", "annotation"] })]);
  };
  const remove = useMutation({ mutationFn: (id: StoredAnnotation["id"]) => deleteAnnotation(id), onSuccess: changed });
  const own = (found.data ?? []).filter((one) => !one.panelId || one.panelId === panelId);
  return (
    <Modal opened onClose={onClose} title={`Annotations of ${title}`} size="lg" transitionProps={{ duration: 120 }}>
      <AnnotationForm key={changing?.id ?? "new"} uid={uid} panelId={panelId} given={changing} onSaved={changed} />
      {found.isError && <Failure error={found.error} retry={found.refetch} what="Listing the annotations" />}
      {remove.isError && <Failure error={remove.error} what="Removing" />}
      {own.map((one) => (
        <div key={one.id} className={classes.copyRow}>
          <span style={{ flex: 1 }}>
            {formatTime(one.time, zone)} · {one.text}
            {(one.tags ?? []).length > 0 && <span className={classes.note}> {one.tags?.join(", ")}</span>}
          </span>
          <Button size="compact-xs" variant="default" aria-label={`Change ${one.text ?? ""}`} onClick={() => setChanging(one)}>
            Change
          </Button>
          <Button size="compact-xs" variant="subtle" aria-label={`Remove ${one.text ?? ""}`} onClick={() => remove.mutate(one.id)}>
            Remove
          </Button>
        </div>
      ))}
      {found.data && own.length === 0 && <p className={classes.note}>None in the range of the page.</p>}
    </Modal>
  );
}

interface AnnotationFormProps {
  uid: string;
  panelId: number;
  /** The one that is changed; none for a new one. */
  given: StoredAnnotation | undefined;
  onSaved: () => Promise<void>;
}

function AnnotationForm({ uid, panelId, given, onSaved }: AnnotationFormProps) {
  const { range, zone } = useTime();
  const [text, setText] = useState(given?.text ?? "");
  const [tags, setTags] = useState((given?.tags ?? []).join(", "));
  const [from, setFrom] = useState(() => formatTime(given?.time ?? range.to, zone));
  const [to, setTo] = useState(() => (given?.timeEnd && given.timeEnd !== given.time ? formatTime(given.timeEnd, zone) : ""));
  const start = resolveInstant(from, range.to, zone);
  const end = to.trim() === "" ? start : resolveInstant(to, range.to, zone);
  const valid = start !== undefined && end !== undefined && end >= start;
  const save = useMutation({
    mutationFn: () => {
      const time = start ?? 0;
      return saveAnnotation({ dashboardUID: uid, panelId: given?.panelId ?? panelId, time, timeEnd: end ?? time, text, tags: tags.split(",").map((tag) => tag.trim()).filter(Boolean) }, given?.id);
    },
    onSuccess: async () => {
      setText("");
      await onSaved();
    },
  });
  return (
    <form
      className={classes.form}
      aria-label="Annotation"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <TextInput label="Text" value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <TextInput label="Tags, with commas between" value={tags} onChange={(event) => setTags(event.currentTarget.value)} />
      <TextInput label="At" value={from} error={start === undefined ? "2026-11-22 14:05:00" : undefined} onChange={(event) => setFrom(event.currentTarget.value)} />
      <TextInput label="Until, if it lasted" value={to} error={end === undefined || (start !== undefined && end < start) ? "A time after the first" : undefined} onChange={(event) => setTo(event.currentTarget.value)} />
      <Button type="submit" disabled={!valid || text.trim() === ""} loading={save.isPending}>
        {given ? "Save" : "Add"}
      </Button>
      {save.isError && <Failure error={save.error} what="Keeping the annotation" />}
    </form>
  );
}
