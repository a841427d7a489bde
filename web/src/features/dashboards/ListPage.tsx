import { Button, Select, Switch, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import IconStarFilled from "@tabler/icons-react/dist/esm/icons/IconStarFilled.mjs";
import { useState } from "react";

import { createDashboard, listDashboards, listFolders, type DashboardEntry } from "../../api/dashboards";
import { Table, type TableColumn } from "../../components/Table";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useUrlState } from "../../components/useUrlState";
import { formatTime } from "../../lib/timeFormat";
import { sharedKeys, type RawSearch } from "../../lib/urlState";
import { FoldersDialog } from "./FoldersDialog";
import { listState } from "./state";
import classes from "./list.module.css";

const onlyShared = (before: RawSearch): RawSearch => Object.fromEntries(sharedKeys.map((key) => [key, before[key]]));

/** The dashboards there are. */
export function ListPage() {
  const [state, set] = useUrlState(listState);
  const { zone, tick } = useTime();
  const navigate = useNavigate();
  const [foldersOpen, setFoldersOpen] = useState(false);
  const all = useQuery({ queryKey: ["dashboards", "list", tick], queryFn: ({ signal }) => listDashboards({}, signal) });
  const folders = useQuery({ queryKey: ["folders", tick], queryFn: ({ signal }) => listFolders(signal), retry: false });
  const make = useMutation({
    mutationFn: () => createDashboard({ dashboard: { title: "New dashboard", schemaVersion: 41, panels: [], time: { from: "now-6h", to: "now" }, templating: { list: [] } }, ...(state.folder === "" ? {} : { folderUid: state.folder }) }),
    onSuccess: ({ uid }) => navigate({ to: "/d/$uid", params: { uid }, search: (before: RawSearch) => ({ ...onlyShared(before), edit: "1" }) }),
  });
  const entries = all.data ?? [];
  const shown = entries.filter((one) => fits(one, state));
  const tags = [...new Set(entries.flatMap((one) => one.tags))].toSorted((a, b) => a.localeCompare(b));

  const columns: TableColumn<DashboardEntry>[] = [
    {
      key: "title",
      header: "Dashboard",
      width: "minmax(220px, 3fr)",
      sort: (one) => one.title,
      cell: (one) => (
        <span className={classes.title}>
          <Link to="/d/$uid" params={{ uid: one.uid }} search={onlyShared}>
            {one.title}
          </Link>
          {one.starred && <IconStarFilled size={12} aria-label="starred" className={classes.star} />}
        </span>
      ),
    },
    { key: "folder", header: "Folder", width: "minmax(100px, 1fr)", sort: (one) => one.folderTitle, cell: (one) => one.folderTitle || "–" },
    {
      key: "tags",
      header: "Tags",
      width: "minmax(120px, 2fr)",
      cell: (one) => (
        <span className={classes.tags}>
          {one.tags.map((tag) => (
            <button
              key={tag}
              type="button"
              className={classes.tag}
              aria-pressed={state.tag.includes(tag)}
              onClick={(event) => {
                event.stopPropagation();
                set({ tag: state.tag.includes(tag) ? state.tag.filter((other) => other !== tag) : [...state.tag, tag] });
              }}
            >
              {tag}
            </button>
          ))}
        </span>
      ),
    },
    { key: "updated", header: "Changed", width: "160px", sort: (one) => one.updated, cell: (one) => (one.updated === "" ? "–" : formatTime(Date.parse(one.updated), zone)) },
    { key: "source", header: "From", width: "90px", sort: (one) => (one.provisioned ? "file" : ""), cell: (one) => (one.provisioned ? "file" : one.updatedBy || "–") },
  ];

  return (
    <div className={classes.page}>
      <div className={classes.tools}>
        <TextInput data-search className={classes.find} aria-label="Find a dashboard" placeholder="Find by title, tag or folder" value={state.q} onChange={(event) => set({ q: event.currentTarget.value }, { replace: true })} />
        <Select
          aria-label="Folder"
          w={180}
          data={[{ value: "", label: "All folders" }, ...(folders.data ?? []).map((folder) => ({ value: folder.uid, label: folder.title }))]}
          value={state.folder}
          onChange={(folder) => set({ folder: folder ?? "" })}
        />
        <Select
          aria-label="Tag"
          w={160}
          searchable
          data={[{ value: "", label: "All tags" }, ...tags.map((tag) => ({ value: tag, label: tag }))]}
          value={state.tag[0] ?? ""}
          onChange={(tag) => set({ tag: tag ? [tag] : [] })}
        />
        <Switch label="Starred" checked={state.starred} onChange={(event) => set({ starred: event.currentTarget.checked })} />
        <span className={classes.space} />
        <Button loading={make.isPending} onClick={() => make.mutate()}>
          New dashboard
        </Button>
        <Button variant="default" onClick={() => void navigate({ to: "/dashboards/import", search: onlyShared })}>
          Import
        </Button>
        <Button variant="default" onClick={() => setFoldersOpen(true)}>
          Folders
        </Button>
        <Link to="/playlists" search={onlyShared}>
          Playlists
        </Link>
        <Link to="/snapshots" search={onlyShared}>
          Snapshots
        </Link>
        {foldersOpen && <FoldersDialog folders={folders.data ?? []} onClose={() => setFoldersOpen(false)} />}
      </div>
      {make.isError && <Failure error={make.error} what="Making a dashboard" />}
      {all.isPending ? (
        <Loading height={320} what="dashboards" />
      ) : all.isError ? (
        <Failure error={all.error} retry={all.refetch} what="Listing the dashboards" />
      ) : entries.length === 0 ? (
        <Empty
          title="No dashboards yet"
          height={320}
          hint={
            <>
              <Link to="/dashboards/import" search={onlyShared}>
                Import some
              </Link>
              : JSON of Grafana's dashboards, pasted or as files.
            </>
          }
        />
      ) : shown.length === 0 ? (
        <Empty title="No dashboard fits" height={240} hint="The words may stand in any order, in titles, tags and folders." />
      ) : (
        <Table label="Dashboards" columns={columns} rows={shown} rowKey={(one) => one.uid} initialSort="title" onRow={(one) => void navigate({ to: "/d/$uid", params: { uid: one.uid }, search: onlyShared })} />
      )}
    </div>
  );
}

function fits(one: DashboardEntry, { q, tag, folder, starred }: { q: string; tag: readonly string[]; folder: string; starred: boolean }): boolean {
  if (starred && !one.starred) return false;
  if (folder !== "" && one.folderUid !== folder) return false;
  if (!tag.every((each) => one.tags.includes(each))) return false;
  const text = [one.title, one.folderTitle, ...one.tags].join(" ").toLowerCase();
  return q.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}
