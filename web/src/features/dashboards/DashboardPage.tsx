import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";

import { ApiError } from "../../api/client";
import { Empty, Failure, Loading } from "../../components/status";
import { usePageTitle } from "../../components/pageTitle";
import type { Dashboard } from "../../lib/dashboard/model";
import { panelTypes } from "../../viz/registry";
import { DashboardView } from "./DashboardView";
import { PlaylistBar } from "./playlist/PlaylistBar";
import { useOpenDashboard, useStoredDashboard } from "./useDashboard";
import { useOwnTime } from "./useOwnTime";
import { useSources } from "./useSources";

/** One dashboard, by the uid in the path. */
export function DashboardPage() {
  const { uid = "" } = useParams({ strict: false });
  const stored = useStoredDashboard(uid);
  const open = useOpenDashboard(stored.data);
  const sources = useSources();
  const dashboard = open && "dashboard" in open ? open.dashboard : undefined;
  const settled = useOwnTime(dashboard);
  usePageTitle(dashboard?.title ?? "", stored.data?.meta.folderTitle || "Dashboards");

  useEffect(() => {
    if (dashboard) loadTypes(dashboard);
  }, [dashboard]);

  if (stored.isError) {
    if (stored.error instanceof ApiError && stored.error.status === 404) {
      return <Empty title="There is no such dashboard" hint="It may have been removed, or the link is from another server. Open the list of dashboards to find or import it." height={320} />;
    }
    return <Failure error={stored.error} retry={stored.refetch} what="Opening the dashboard" />;
  }
  if (open && "error" in open) return <Failure error={new Error(open.error)} what="Reading the dashboard" />;
  if (!open || !sources || !settled) return <Loading as="page" height={480} what="the dashboard" />;
  return (
    <>
      <PlaylistBar uid={uid} />
      <DashboardView key={uid} uid={uid} open={open} sources={sources} />
    </>
  );
}

// About as many panels as a screen has.
const first = 16;

/** Loads the code of the panels that come first, while what they show is still being asked for. */
function loadTypes({ sections }: Dashboard): void {
  const panels = sections.filter(({ row }) => !row?.collapsed).flatMap((section) => section.panels);
  // One that cannot be loaded says so when it is drawn.
  for (const type of new Set(panels.slice(0, first).map((panel) => panel.type))) panelTypes.get(type)?.load().catch(() => {});
}
