import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import IconEdit from "@tabler/icons-react/dist/esm/icons/IconEdit.mjs";
import IconMaximize from "@tabler/icons-react/dist/esm/icons/IconMaximize.mjs";
import IconPrinter from "@tabler/icons-react/dist/esm/icons/IconPrinter.mjs";
import IconShare from "@tabler/icons-react/dist/esm/icons/IconShare.mjs";
import IconStar from "@tabler/icons-react/dist/esm/icons/IconStar.mjs";
import IconStarFilled from "@tabler/icons-react/dist/esm/icons/IconStarFilled.mjs";
import { lazy, Suspense } from "react";

import { starDashboard } from "../../api/dashboards";
import { useUrlState } from "../../components/useUrlState";
import type { PlacedSection } from "../../lib/dashboard/repeat";
import { dashboardState } from "./state";
import type { OpenDashboard } from "./useDashboard";
import classes from "./dashboard.module.css";

const ShareDialog = lazy(async () => ({ default: (await import("./ShareDialog")).ShareDialog }));

interface ToolbarProps {
  uid: string;
  open: OpenDashboard;
  sections: readonly PlacedSection[];
  /** A snapshot, which is only looked at. */
  fixed: boolean;
  sharing: boolean;
  onSharing: (open: boolean) => void;
  onPrint: () => void;
}

/** What can be done with the whole dashboard. */
export function Toolbar({ uid, open, sections, fixed, sharing, onSharing, onPrint }: ToolbarProps) {
  const [state, set] = useUrlState(dashboardState);
  const client = useQueryClient();
  const starred = open.meta.starred ?? false;
  const star = useMutation({
    mutationFn: () => starDashboard(uid, !starred),
    onSuccess: () => client.invalidateQueries({ queryKey: ["dashboard", "stored", uid] }),
  });
  const { dashboard, meta } = open;
  return (
    <div className={classes.toolbar}>
      {!fixed && <Tooltip label={starred ? "Remove the star" : "Star"}>
        <ActionIcon aria-label={starred ? "Remove the star" : "Star this dashboard"} aria-pressed={starred} onClick={() => star.mutate()}>
          {starred ? <IconStarFilled size={16} /> : <IconStar size={16} />}
        </ActionIcon>
      </Tooltip>}
      <div className={classes.tags}>
        {dashboard.tags.map((tag) => (
          <span key={tag} className={classes.tag}>
            {tag}
          </span>
        ))}
        {meta.provisioned && !fixed && (
          <Tooltip label={meta.path ? `Comes from ${meta.path}` : "Comes from a file on the server"}>
            <span className={classes.tag}>read-only, from a file</span>
          </Tooltip>
        )}
      </div>
      <span className={classes.about} title={dashboard.description}>
        {dashboard.description}
      </span>
      <span className={classes.space} />
      {state.viewPanel !== "" && (
        <Button variant="default" onClick={() => set({ viewPanel: "" })}>
          Back to the dashboard
        </Button>
      )}
      {!state.edit && !fixed && (
        <Button variant="default" leftSection={<IconEdit size={14} />} onClick={() => set({ edit: true })}>
          Edit
        </Button>
      )}
      <Button variant="default" leftSection={<IconShare size={14} />} onClick={() => onSharing(true)}>
        Share
      </Button>
      <Tooltip label="Print">
        <ActionIcon aria-label="Print" onClick={onPrint}>
          <IconPrinter size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Full screen (f)">
        <ActionIcon aria-label="Full screen" onClick={() => set({ kiosk: "1" })}>
          <IconMaximize size={16} />
        </ActionIcon>
      </Tooltip>
      {sharing && <Suspense fallback={null}><ShareDialog open onClose={() => onSharing(false)} dashboard={open} sections={fixed ? undefined : sections} /></Suspense>}
    </div>
  );
}
