import { Button } from "@mantine/core";
import { useState } from "react";

import type { Configuration } from "../../../api/routing";
import { Notice } from "../../../components/Notice";
import { Panel } from "../../../components/Panel";
import { useTime } from "../../../components/time/TimeContext";
import { formatTime } from "../../../lib/timeFormat";
import { Versions } from "./Versions";
import alertClasses from "../alerts.module.css";

interface WhoSaysProps {
  of: Configuration;
  /** Nobody is told of anything. */
  mute: boolean;
  onEdit: () => void;
  onAdd: () => void;
}

/** Whose word the routing is, a file's or the page's, and the way to change it. */
export function WhoSays({ of, mute, onEdit, onAdd }: WhoSaysProps) {
  const { zone } = useTime();
  const [versions, setVersions] = useState(false);
  const { file, version, created, author, editable, why, fault } = of;
  const written = version > 0 && created !== undefined ? `Version ${version}, by ${author ?? "somebody"}, ${formatTime(Date.parse(created), zone)}.` : "Not configured yet.";
  return (
    <Panel
      title="Who is told of which alerts"
      actions={
        <>
          {version > 0 && file === "" && (
            <Button size="compact-xs" variant="default" onClick={() => setVersions(true)}>
              Versions
            </Button>
          )}
          {editable && (
            <Button size="compact-xs" variant="default" onClick={onEdit}>
              Edit
            </Button>
          )}
        </>
      }
    >
      <div className={alertClasses.muted}>{file === "" ? written : `From ${file}, read-only.`}</div>
      {file === "" && why && <Notice>Read-only: {why}</Notice>}
      {fault && (
        <div role="alert" className={alertClasses.error}>
          What was written is not in force, and nobody is told: {fault}
        </div>
      )}
      {mute && <Notice {...(editable && { action: { label: "Add contact point", run: onAdd } })}>Nobody is told of any alert: there is no contact point.</Notice>}
      {versions && <Versions newest={version} onClose={() => setVersions(false)} />}
    </Panel>
  );
}
