import { Button, Modal, Switch, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { createShortlink } from "../../api/shortlinks";
import { baseURL } from "../../api/client";
import { Failure } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { copyText } from "../../components/clipboard";
import type { PlacedSection } from "../../lib/dashboard/repeat";
import { SnapshotForm } from "./share/SnapshotForm";
import { saveJSON } from "./view/export";
import type { OpenDashboard } from "./useDashboard";

interface ShareDialogProps {
  open: boolean;
  onClose: () => void;
  dashboard: OpenDashboard;
  /** What a snapshot would be taken of; without it none is offered. */
  sections: readonly PlacedSection[] | undefined;
}

/** A link to what is shown, as it moves with time or as it is now; and the dashboard as a file. */
export function ShareDialog({ open, onClose, dashboard, sections }: ShareDialogProps) {
  const [fixed, setFixed] = useState(true);
  const { range } = useTime();
  const short = useMutation({ mutationFn: (path: string) => createShortlink(path) });
  const link = shareLink(fixed ? range : undefined);
  const shown = short.data ? `${baseURL()}${short.data}` : link;
  const reset = (next: boolean): void => {
    setFixed(next);
    short.reset();
  };
  return (
    <Modal opened={open} onClose={onClose} title="Share" size="lg" transitionProps={{ duration: 120 }}>
      <Switch label="Keep the time range as it is now" checked={fixed} onChange={(event) => reset(event.currentTarget.checked)} mb={12} />
      <TextInput aria-label="Link" readOnly value={shown} onFocus={(event) => event.currentTarget.select()} mb={12} />
      {short.isError && <Failure error={short.error} what="Making a short link" />}
      <div style={{ display: "flex", flexWrap: "wrap", gap: 8 }}>
        <Button onClick={() => void copyText(shown)}>Copy link</Button>
        <Button variant="default" loading={short.isPending} onClick={() => short.mutate(link.slice(baseURL().length))}>
          Make it short
        </Button>
        <Button variant="default" onClick={() => saveJSON(JSON.stringify(dashboard.raw, null, 2), dashboard.dashboard.title)}>
          Download JSON
        </Button>
      </div>
      {sections && <SnapshotForm sections={sections} />}
    </Modal>
  );
}

function shareLink(range: { from: number; to: number } | undefined): string {
  const link = new URL(location.href);
  if (range) {
    link.searchParams.set("from", String(Math.floor(range.from)));
    link.searchParams.set("to", String(Math.ceil(range.to)));
    link.searchParams.delete("refresh");
  }
  for (const passing of ["edit", "editPanel", "inspect", "inspectTab"]) link.searchParams.delete(passing);
  return link.toString();
}
