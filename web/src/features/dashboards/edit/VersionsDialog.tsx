import { Button, Modal } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { fetchVersion, listVersions, restoreVersion } from "../../../api/dashboards";
import { Empty, Failure, Loading } from "../../../components/status";
import { useTime } from "../../../components/time/TimeContext";
import { formatTime } from "../../../lib/timeFormat";
import type { OpenDashboard } from "../useDashboard";
import { DiffView } from "./DiffView";
import classes from "./edit.module.css";

interface VersionsDialogProps {
  uid: string;
  current: OpenDashboard;
  onClose: () => void;
  onRestored: () => void;
}

/** The stored versions: what each changed against the newest, and the way back to it. */
export function VersionsDialog({ uid, current, onClose, onRestored }: VersionsDialogProps) {
  const { zone } = useTime();
  const [shown, setShown] = useState<number | null>(null);
  const versions = useQuery({ queryKey: ["dashboard", "versions", uid, current.meta.version], queryFn: ({ signal }) => listVersions(uid, signal) });
  const restore = useMutation({
    mutationFn: (version: number) => restoreVersion(uid, version),
    onSuccess: () => {
      onRestored();
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title="Versions" size="xl" transitionProps={{ duration: 120 }}>
      {versions.isPending && <Loading what="versions" />}
      {versions.isError && <Failure error={versions.error} retry={versions.refetch} what="Listing the versions" />}
      {versions.data?.length === 0 && <Empty title="No versions are kept" />}
      {restore.isError && <Failure error={restore.error} what="Restoring" />}
      <ol className={classes.versions}>
        {versions.data?.map((one) => (
          <li key={one.version}>
            <div className={classes.version}>
              <b>{one.version}</b>
              <span>{formatTime(Date.parse(one.created), zone)}</span>
              <span>{one.createdBy ?? ""}</span>
              <span className={classes.message}>{one.message ?? ""}</span>
              {one.version === current.meta.version ? (
                <span className={classes.note}>newest</span>
              ) : (
                <>
                  <Button variant="default" aria-expanded={shown === one.version} onClick={() => setShown(shown === one.version ? null : one.version)}>
                    Compare
                  </Button>
                  <Button variant="default" disabled={current.meta.provisioned ?? false} loading={restore.isPending} onClick={() => restore.mutate(one.version)}>
                    Restore
                  </Button>
                </>
              )}
            </div>
            {shown === one.version && <Comparison uid={uid} version={one.version} current={current} />}
          </li>
        ))}
      </ol>
    </Modal>
  );
}

function Comparison({ uid, version, current }: { uid: string; version: number; current: OpenDashboard }) {
  const old = useQuery({ queryKey: ["dashboard", "version", uid, version], queryFn: ({ signal }) => fetchVersion(uid, version, signal) });
  if (old.isPending) return <Loading height={80} what="the version" />;
  if (old.isError) return <Failure error={old.error} retry={old.refetch} what="Reading the version" />;
  return <DiffView before={old.data} after={current.raw} />;
}
