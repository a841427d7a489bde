import { Button, Modal, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { changeRetention, type Kept, type RetentionChange } from "../../api/retention";
import { announce } from "../../components/announce";
import { copyText } from "../../components/clipboard";
import { Failure } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { formatTime } from "../../lib/timeFormat";
import { formatValue, group } from "../../lib/units";
import { keptFor } from "./storage";
import classes from "./data.module.css";

/** Changes how long a signal is kept, once it was said what that deletes; or says how oriel.yaml does, where it alone may. */
export function RetentionForm({ of, editable, onClose }: { of: Kept; editable: boolean; onClose: () => void }) {
  const queries = useQueryClient();
  const { zone } = useTime();
  const [text, setText] = useState(plain(of.period));
  const [typed, setTyped] = useState("");
  const [settled] = useDebouncedValue(text.trim(), 250);
  const valid = isPeriod(settled);
  const preview = useQuery({ queryKey: ["retention", "preview", of.signal, settled], queryFn: () => changeRetention(of.signal, settled, true), enabled: valid, gcTime: 0, retry: false });
  const save = useMutation({
    mutationFn: (period: string | null) => changeRetention(of.signal, period, false),
    onSuccess: (done) => {
      void queries.invalidateQueries({ queryKey: ["retention"] });
      void queries.invalidateQueries({ queryKey: ["oriel", "status"] });
      announce(`${of.signal} are kept for ${keptFor(done.period)} from now on.`);
      onClose();
    },
  });
  const current = settled === text.trim() && preview.isSuccess;
  const deletes = (preview.data?.files ?? 0) > 0;
  const ready = editable && current && (!deletes || typed === of.signal);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    // What the file says need not be kept besides.
    if (ready) save.mutate(settled === plain(of.configured) ? null : settled);
  };
  return (
    <Modal opened onClose={onClose} title={`How long ${of.signal} are kept`}>
      <form onSubmit={submit} className={classes.form} aria-label={`How long ${of.signal} are kept`}>
        <TextInput
          label="Keep for"
          description="Like 30d, 12w or 1y; 0 is for ever."
          data-autofocus
          autoComplete="off"
          value={text}
          error={valid || settled !== text.trim() ? undefined : "A number with h, d, w or y behind it, or 0."}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <div role="status" aria-label="What that deletes" className={classes.deletes}>
          {preview.isError ? <Failure error={preview.error} what="Counting" /> : preview.data && valid ? <Deletes change={preview.data} zone={zone} /> : "…"}
        </div>
        {editable ? (
          <>
            {deletes && <TextInput label={`It cannot be brought back. To go on, type ${of.signal}`} autoComplete="off" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />}
            {save.isError && <Failure error={save.error} what="The change" />}
            <div className={classes.end}>
              {of.updated !== undefined && (
                <Button variant="default" className={classes.first} onClick={() => setText(plain(of.configured))} title={`What ${of.key} says`}>
                  As in oriel.yaml
                </Button>
              )}
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" disabled={!ready} loading={save.isPending} {...(deletes ? { color: "error" } : {})}>
                {deletes ? "Keep less, and delete the rest" : "Change"}
              </Button>
            </div>
          </>
        ) : (
          <InFile of={of} period={valid ? settled : of.period} />
        )}
      </form>
    </Modal>
  );
}

function Deletes({ change, zone }: { change: RetentionChange; zone: string }) {
  if (change.files === 0) return <>That deletes nothing of what is in files now.</>;
  const [file, row] = change.signal === "metrics" ? ["block", "samples"] : ["part", "rows"];
  return (
    <>
      That deletes <b>{group(change.rows)}</b> {row} in {group(change.files)} {file}
      {change.files === 1 ? "" : "s"}, {formatValue(change.bytes, "bytes")}
      {change.before && <>: all that is older than {formatTime(Date.parse(change.before), zone)}</>}. It is gone within a minute.
    </>
  );
}

/** Where changes come by the configuration alone: what to write there. */
function InFile({ of, period }: { of: Kept; period: string }) {
  const [section, part, key] = of.key.split(".");
  const snippet = `${section}:\n  ${part}:\n    ${key}: ${period}`;
  return (
    <>
      <p className={classes.muted}>
        It is set in <code>oriel.yaml</code>, and Oriel reads it when it starts. To change it here, at once, start Oriel with <code>{"web: {admin_api: true}"}</code>.
      </p>
      <div className={classes.snippetHead}>
        <code>oriel.yaml</code>
        <Button size="compact-xs" variant="default" onClick={() => void copyText(snippet).then(() => announce("Copied."))}>
          Copy
        </Button>
      </div>
      <pre className={classes.config}>{snippet}</pre>
    </>
  );
}

function plain(period: string): string {
  return period === "0s" ? "0" : period;
}

/** Prometheus' durations: whole numbers of units, the larger ones first. */
function isPeriod(text: string): boolean {
  return text === "0" || /^(?=\d)(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?$/.test(text);
}
