import { Button, MultiSelect, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { listDashboards } from "../../../api/dashboards";
import { deletePlaylist, listPlaylists, savePlaylist, type Playlist } from "../../../api/shares";
import { Table, type TableColumn } from "../../../components/Table";
import { Empty, Failure, Loading } from "../../../components/status";
import { usePageTitle } from "../../../components/pageTitle";
import classes from "../list.module.css";

const fresh: Playlist = { uid: "", name: "", interval: "1m", items: [] };

/** Playlists: dashboards that a screen on the wall shows in turn. */
export function PlaylistsPage() {
  usePageTitle("Playlists", "Dashboards");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [draft, setDraft] = useState<Playlist | null>(null);
  const all = useQuery({ queryKey: ["playlists"], queryFn: ({ signal }) => listPlaylists(signal) });
  const dashboards = useQuery({ queryKey: ["dashboards", "list"], queryFn: ({ signal }) => listDashboards({}, signal) });
  const stored = () => client.invalidateQueries({ queryKey: ["playlists"] });
  const remove = useMutation({ mutationFn: deletePlaylist, onSuccess: stored });
  const titles = new Map((dashboards.data ?? []).map((one) => [one.uid, one.title]));
  const play = (one: Playlist): void => {
    const [first] = one.items;
    if (first !== undefined) void navigate({ to: "/d/$uid", params: { uid: first }, search: { playlist: one.uid, kiosk: "1" } });
  };
  const columns: TableColumn<Playlist>[] = [
    { key: "name", header: "Playlist", width: "minmax(140px, 1fr)", sort: (one) => one.name, cell: (one) => one.name },
    { key: "interval", header: "Each for", width: "90px", cell: (one) => one.interval },
    { key: "items", header: "Dashboards", width: "minmax(200px, 3fr)", cell: (one) => one.items.map((uid) => titles.get(uid) ?? uid).join(", ") },
    {
      key: "tools",
      header: "",
      width: "220px",
      cell: (one) => (
        <span className={classes.tags}>
          <Button size="compact-xs" disabled={one.items.length === 0} aria-label={`Play ${one.name}`} onClick={() => play(one)}>
            Play
          </Button>
          <Button size="compact-xs" variant="default" aria-label={`Edit ${one.name}`} onClick={() => setDraft(one)}>
            Edit
          </Button>
          <Button size="compact-xs" variant="subtle" aria-label={`Remove ${one.name}`} onClick={() => remove.mutate(one.uid)}>
            Remove
          </Button>
        </span>
      ),
    },
  ];
  return (
    <div className={classes.page}>
      <div className={classes.tools}>
        <Button onClick={() => setDraft(fresh)}>New playlist</Button>
      </div>
      {draft && (
        <PlaylistForm
          key={draft.uid}
          given={draft}
          titles={titles}
          onClose={() => setDraft(null)}
          onSaved={() => {
            setDraft(null);
            void stored();
          }}
        />
      )}
      {remove.isError && <Failure error={remove.error} what="Removing" />}
      {all.isPending ? (
        <Loading height={240} what="playlists" />
      ) : all.isError ? (
        <Failure error={all.error} retry={all.refetch} what="Listing the playlists" />
      ) : all.data.length === 0 ? (
        <Empty title="No playlists" hint="A playlist shows dashboards in turn, full screen." height={240} />
      ) : (
        <Table label="Playlists" columns={columns} rows={all.data} rowKey={(one) => one.uid} initialSort="name" />
      )}
    </div>
  );
}

interface PlaylistFormProps {
  given: Playlist;
  titles: ReadonlyMap<string, string>;
  onClose: () => void;
  onSaved: () => void;
}

function PlaylistForm({ given, titles, onClose, onSaved }: PlaylistFormProps) {
  const [draft, setDraft] = useState(given);
  const save = useMutation({ mutationFn: savePlaylist, onSuccess: onSaved });
  const choices = [...new Set([...titles.keys(), ...draft.items])].map((uid) => ({ value: uid, label: titles.get(uid) ?? uid }));
  return (
    <form
      className={classes.tools}
      aria-label="Playlist"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(draft);
      }}
    >
      <TextInput label="Name" value={draft.name} onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })} />
      <TextInput label="Each for" w={90} value={draft.interval} onChange={(event) => setDraft({ ...draft, interval: event.currentTarget.value })} />
      <MultiSelect label="Dashboards, in order" w={480} searchable data={choices} value={draft.items} onChange={(items) => setDraft({ ...draft, items })} />
      <Button type="submit" mt={18} loading={save.isPending} disabled={draft.name.trim() === "" || draft.items.length === 0}>
        Save the playlist
      </Button>
      <Button variant="subtle" mt={18} onClick={onClose}>
        Cancel
      </Button>
      {save.isError && <Failure error={save.error} what="Saving the playlist" />}
    </form>
  );
}
