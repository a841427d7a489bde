import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";

import { fetchSnapshot } from "../../../api/shares";
import { Failure, Loading } from "../../../components/status";
import { usePageTitle } from "../../../components/pageTitle";
import { localSources } from "../../../lib/dashboard/datasource";
import { DashboardView } from "../DashboardView";
import { useOpenDashboard } from "../useDashboard";
import { useOwnTime } from "../useOwnTime";

/** A dashboard as it was when somebody took a snapshot of it. */
export function SnapshotPage() {
  const { key = "" } = useParams({ strict: false }) as { key?: string };
  const stored = useQuery({ queryKey: ["snapshot", key], queryFn: ({ signal }) => fetchSnapshot(key, signal), staleTime: Infinity });
  const open = useOpenDashboard(stored.data && { dashboard: stored.data.dashboard, meta: { version: 1, provisioned: true } });
  const settled = useOwnTime(open && "dashboard" in open ? open.dashboard : undefined);
  usePageTitle(stored.data?.meta.name ?? "", "Snapshots");
  if (stored.isError) return <Failure error={stored.error} retry={stored.refetch} what="Opening the snapshot" />;
  if (open && "error" in open) return <Failure error={new Error(open.error)} what="Reading the snapshot" />;
  if (!open || !settled) return <Loading as="page" height={480} what="the snapshot" />;
  return <DashboardView key={key} uid="" open={open} sources={localSources} fixed />;
}
