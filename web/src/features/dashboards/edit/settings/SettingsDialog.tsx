import { Button, Modal, Tabs } from "@mantine/core";
import { useState } from "react";

import { getIn, setIn } from "../../../../lib/dashboard/edit";
import { objs, type Obj } from "../../../../lib/dashboard/json";
import { AnnotationSettings } from "./AnnotationSettings";
import { GeneralSettings } from "./GeneralSettings";
import { LinkSettings } from "./LinkSettings";
import { Removal } from "./Removal";
import classes from "../edit.module.css";

interface SettingsDialogProps {
  uid: string;
  /** False for a dashboard from a file. */
  removable: boolean;
  raw: Obj;
  onClose: () => void;
  onApply: (raw: Obj) => void;
}

/** What belongs to the dashboard as a whole: its name and ranges, its annotations, its links. */
export function SettingsDialog({ uid, removable, raw, onClose, onApply }: SettingsDialogProps) {
  const [draft, setDraft] = useState(raw);
  const put = (path: readonly string[], value: unknown): void => setDraft((before) => setIn(before, path, value) as Obj);
  const annotations = objs(getIn(draft, ["annotations", "list"]));
  const links = objs(draft.links);
  return (
    <Modal opened onClose={onClose} title="Settings of the dashboard" size="xl" transitionProps={{ duration: 120 }}>
      <Tabs defaultValue="general" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="general">General</Tabs.Tab>
          <Tabs.Tab value="annotations">Annotations {annotations.length}</Tabs.Tab>
          <Tabs.Tab value="links">Links {links.length}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="general" pt={12}>
          <GeneralSettings raw={draft} put={put} />
        </Tabs.Panel>
        <Tabs.Panel value="annotations" pt={12}>
          <AnnotationSettings annotations={annotations} onChange={(next) => put(["annotations", "list"], next)} />
        </Tabs.Panel>
        <Tabs.Panel value="links" pt={12}>
          <LinkSettings links={links} onChange={(next) => put(["links"], next)} />
        </Tabs.Panel>
      </Tabs>
      <div className={classes.dialogEnd}>
        <Button
          onClick={() => {
            onApply(draft);
            onClose();
          }}
        >
          Apply
        </Button>
      </div>
      {removable && <Removal uid={uid} title={String(raw.title ?? "")} />}
    </Modal>
  );
}
