import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { ApiError } from "../../../api/client";
import { createDashboard, fetchDashboard, saveDashboard } from "../../../api/dashboards";
import { Failure } from "../../../components/status";
import { uidOf, withUid } from "../../../lib/dashboard/importReport";
import type { Obj } from "../../../lib/dashboard/json";
import type { OpenDashboard } from "../useDashboard";
import { DiffView } from "./DiffView";
import classes from "./edit.module.css";

interface SaveDialogProps {
  uid: string;
  open: OpenDashboard;
  draft: Obj;
  onClose: () => void;
  onSaved: () => void;
}

/** Shows what changes, and stores it. When somebody else has saved meanwhile nothing is overwritten unasked. */
export function SaveDialog({ uid, open, draft, onClose, onSaved }: SaveDialogProps) {
  const navigate = useNavigate();
  const [message, setMessage] = useState("");
  const [title, setTitle] = useState(`${open.dashboard.title} copy`);
  const { provisioned = false, version, folderUid } = open.meta;
  const folder = folderUid ? { folderUid } : {};
  const save = useMutation({ mutationFn: (over: number) => saveDashboard(uid, over, { dashboard: draft, message, ...folder }), onSuccess: onSaved });
  const copy = useMutation({
    mutationFn: async () => {
      const made = { ...withUid(draft, `${uidOf(title)}-${Date.now().toString(36)}`.slice(-40)), title };
      return createDashboard({ dashboard: made, message: message || `Copy of ${open.dashboard.title}`, ...(provisioned ? {} : folder) });
    },
    onSuccess: (saved) => {
      onSaved();
      void navigate({ to: "/d/$uid", params: { uid: saved.uid }, search: {}, ignoreBlocker: true });
    },
  });
  const conflict = save.error instanceof ApiError && save.error.status === 412;
  return (
    <Modal opened onClose={onClose} title={provisioned ? "Save a copy" : "Save the dashboard"} size="xl" transitionProps={{ duration: 120 }}>
      {provisioned && <p className={classes.note}>This dashboard comes from a file on the server and cannot be changed here. A copy can.</p>}
      {conflict ? (
        <Conflict uid={uid} mine={draft} base={open.raw} onOverwrite={(over) => save.mutate(over)} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!provisioned) save.mutate(version);
          }}
        >
          <TextInput label="What has changed" placeholder="Shown in the list of versions" value={message} onChange={(event) => setMessage(event.currentTarget.value)} mb={12} data-autofocus />
          {!provisioned && (
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          )}
        </form>
      )}
      <div className={classes.copyRow}>
        <TextInput aria-label="Title of the copy" value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
        <Button variant="default" loading={copy.isPending} disabled={title.trim() === ""} onClick={() => copy.mutate()}>
          Save as a copy
        </Button>
      </div>
      {save.isError && !conflict && <Failure error={save.error} what="Saving" />}
      {copy.isError && <Failure error={copy.error} what="Saving the copy" />}
      {!conflict && <DiffView before={open.raw} after={draft} />}
    </Modal>
  );
}

interface ConflictProps {
  uid: string;
  mine: Obj;
  base: Obj;
  onOverwrite: (version: number) => void;
}

/** What the other person changed beside what is changed here. */
function Conflict({ uid, mine, base, onOverwrite }: ConflictProps) {
  const theirs = useMutation({ mutationFn: () => fetchDashboard(uid) });
  const { data } = theirs;
  return (
    <div role="alert" className={classes.conflict}>
      <p>Somebody else has saved this dashboard since it was opened. Nothing has been overwritten.</p>
      {!data && (
        <Button variant="default" loading={theirs.isPending} onClick={() => theirs.mutate()}>
          Show both
        </Button>
      )}
      {theirs.isError && <Failure error={theirs.error} what="Asking for the other version" />}
      {data && (
        <>
          <h3>What they changed{data.meta.updatedBy ? `, by ${data.meta.updatedBy}` : ""}</h3>
          <DiffView before={base} after={data.dashboard} />
          <h3>What you changed</h3>
          <DiffView before={base} after={mine} />
          <Button color="error" onClick={() => onOverwrite(data.meta.version)}>
            Overwrite their version
          </Button>
        </>
      )}
    </div>
  );
}
