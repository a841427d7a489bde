import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { deleteSnapshot, listSnapshots, type SnapshotEntry } from "../../../api/shares";
import { Table, type TableColumn } from "../../../components/Table";
import { Empty, Failure, Loading } from "../../../components/status";
import { useTime } from "../../../components/time/TimeContext";
import { usePageTitle } from "../../../components/pageTitle";
import { formatTime } from "../../../lib/timeFormat";

/** The snapshots that are kept. */
export function SnapshotList() {
  usePageTitle("Snapshots", "Dashboards");
  const { zone, tick } = useTime();
  const client = useQueryClient();
  const all = useQuery({ queryKey: ["snapshots", tick], queryFn: ({ signal }) => listSnapshots(signal) });
  const remove = useMutation({ mutationFn: deleteSnapshot, onSuccess: () => client.invalidateQueries({ queryKey: ["snapshots"] }) });
  const columns: TableColumn<SnapshotEntry>[] = [
    {
      key: "name",
      header: "Snapshot",
      width: "minmax(200px, 3fr)",
      sort: (one) => one.name,
      cell: (one) => (
        <Link to="/snapshots/$key" params={{ key: one.key }} search={{}}>
          {one.name}
        </Link>
      ),
    },
    { key: "created", header: "Taken", width: "170px", sort: (one) => one.created, cell: (one) => formatTime(Date.parse(one.created), zone) },
    { key: "expires", header: "Kept until", width: "170px", sort: (one) => one.expires ?? "~", cell: (one) => (one.expires === null ? "for good" : formatTime(Date.parse(one.expires), zone)) },
    { key: "by", header: "By", width: "minmax(80px, 1fr)", cell: (one) => one.createdBy || "–" },
    {
      key: "remove",
      header: "",
      width: "100px",
      cell: (one) => (
        <Button variant="subtle" size="compact-xs" aria-label={`Remove ${one.name}`} onClick={() => remove.mutate(one.key)}>
          Remove
        </Button>
      ),
    },
  ];
  if (all.isPending) return <Loading height={320} what="snapshots" />;
  if (all.isError) return <Failure error={all.error} retry={all.refetch} what="Listing the snapshots" />;
  if (all.data.length === 0) return <Empty title="No snapshots" hint="“Share” on a dashboard takes one: its panels with their data, as they are at that moment." height={320} />;
  return (
    <>
      {remove.isError && <Failure error={remove.error} what="Removing" />}
      <Table label="Snapshots" columns={columns} rows={all.data} rowKey={(one) => one.key} initialSort="-created" />
    </>
  );
}
