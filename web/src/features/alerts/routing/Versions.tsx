import { Modal } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { configVersion, configVersions, restoreVersion } from "../../../api/routing";
import { announce } from "../../../components/announce";
import { Failure, Loading } from "../../../components/status";
import { useTime } from "../../../components/time/TimeContext";
import { formatTime } from "../../../lib/timeFormat";
import { Sure } from "../Sure";
import alertClasses from "../alerts.module.css";
import classes from "../routing.module.css";

/** The earlier versions of the configuration, to look at and to bring back. */
export function Versions({ newest, onClose }: { newest: number; onClose: () => void }) {
  const { zone } = useTime();
  const client = useQueryClient();
  const [shown, setShown] = useState<number>();
  const versions = useQuery({ queryKey: ["routing", "versions"], queryFn: ({ signal }) => configVersions(signal) });
  const text = useQuery({ queryKey: ["routing", "version", shown], queryFn: ({ signal }) => configVersion(shown ?? 0, signal), enabled: shown !== undefined });
  const restore = useMutation({
    mutationFn: (version: number) => restoreVersion(version, newest),
    onSuccess: async (kept) => {
      await client.invalidateQueries({ queryKey: ["routing"] });
      announce(`Version ${kept.restored ?? 0} is in force again, as version ${kept.version}.`);
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title="Versions of the routing" size="lg">
      {restore.isError && (
        <div role="alert" className={alertClasses.error}>
          {restore.error.message}
        </div>
      )}
      {versions.isPending && <Loading height={120} what="the versions" />}
      {versions.isError && <Failure error={versions.error} retry={versions.refetch} what="Asking for the versions" />}
      <ul className={classes.plain} aria-label="Versions">
        {versions.data?.map((one) => (
          <li key={one.version}>
            <div className={alertClasses.cardHead}>
              <b>{one.version}</b>
              <span>{one.message || (one.restored ? `version ${one.restored} brought back` : "")}</span>
              <span className={classes.muted}>
                {one.author}, {one.created ? formatTime(Date.parse(one.created), zone) : ""}
              </span>
              <span className={alertClasses.links}>
                <button type="button" className={alertClasses.textButton} aria-expanded={shown === one.version} aria-label={`Look at version ${one.version}`} onClick={() => setShown(shown === one.version ? undefined : one.version)}>
                  {shown === one.version ? "Hide" : "Look"}
                </button>
                {one.version !== newest && <Sure action="Bring back" of={`version ${one.version}`} disabled={restore.isPending} onSure={() => restore.mutate(one.version)} />}
              </span>
            </div>
            {shown === one.version && (text.isError ? <Failure error={text.error} retry={text.refetch} what="Asking for the version" /> : <pre className={classes.yaml}>{text.data ?? ""}</pre>)}
          </li>
        ))}
      </ul>
    </Modal>
  );
}
