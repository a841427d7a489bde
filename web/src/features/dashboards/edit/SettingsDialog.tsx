import { Button, Modal, Select, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { deleteDashboard } from "../../../api/dashboards";
import { Failure } from "../../../components/status";
import { getIn, setIn } from "../../../lib/dashboard/edit";
import { num, str, strs, type Obj } from "../../../lib/dashboard/json";
import { refreshChoices } from "../../../lib/refresh";
import classes from "./edit.module.css";

interface SettingsDialogProps {
  uid: string;
  /** False for a dashboard from a file. */
  removable: boolean;
  raw: Obj;
  onClose: () => void;
  onApply: (raw: Obj) => void;
}

/** What belongs to the dashboard as a whole. */
export function SettingsDialog({ uid, removable, raw, onClose, onApply }: SettingsDialogProps) {
  const [draft, setDraft] = useState(raw);
  const put = (path: readonly string[], value: unknown): void => setDraft((before) => setIn(before, path, value) as Obj);
  const text = (label: string, path: readonly string[], description?: string) => (
    <TextInput label={label} {...(description ? { description } : {})} value={str(getIn(draft, path))} onChange={(event) => put(path, event.currentTarget.value)} />
  );
  return (
    <Modal opened onClose={onClose} title="Settings of the dashboard" size="lg" transitionProps={{ duration: 120 }}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          onApply(draft);
          onClose();
        }}
      >
        {text("Title", ["title"])}
        {text("Description", ["description"])}
        <TextInput label="Tags, with commas between" value={strs(draft.tags).join(", ")} onChange={(event) => put(["tags"], event.currentTarget.value.split(",").map((tag) => tag.trim()))} />
        {text("From", ["time", "from"], "The range it opens with: now-6h, now/d, or a time")}
        {text("To", ["time", "to"])}
        <Select label="Refresh" data={refreshChoices.map((value) => ({ value: value === "off" ? "" : value, label: value }))} value={str(draft.refresh)} onChange={(value) => put(["refresh"], value ?? "")} />
        <Select label="Time zone" data={[{ value: "browser", label: "The reader's" }, { value: "utc", label: "UTC" }]} value={str(draft.timezone) === "utc" ? "utc" : "browser"} onChange={(value) => put(["timezone"], value)} />
        <Select
          label="Crosshair"
          data={[
            { value: "0", label: "Each chart its own" },
            { value: "1", label: "Shared" },
            { value: "2", label: "Shared, with tooltips" },
          ]}
          value={String(num(draft.graphTooltip) ?? 0)}
          onChange={(value) => put(["graphTooltip"], Number(value))}
        />
        <Button type="submit">Apply</Button>
      </form>
      {removable && <Removal uid={uid} title={str(raw.title)} />}
    </Modal>
  );
}

/** Removes the dashboard with all its versions; its title has to be typed for that. */
function Removal({ uid, title }: { uid: string; title: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const remove = useMutation({
    mutationFn: () => deleteDashboard(uid),
    onSuccess: async () => {
      await navigate({ to: "/dashboards", search: {}, ignoreBlocker: true });
      await client.invalidateQueries({ queryKey: ["dashboards"] });
    },
  });
  return (
    <div className={classes.copyRow}>
      <TextInput aria-label="Title of the dashboard to be removed" placeholder={`Type “${title}” to remove it`} style={{ flex: 1 }} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
      <Button color="error" variant="default" disabled={typed !== title} loading={remove.isPending} onClick={() => remove.mutate()}>
        Remove the dashboard
      </Button>
      {remove.isError && <Failure error={remove.error} what="Removing" />}
    </div>
  );
}
