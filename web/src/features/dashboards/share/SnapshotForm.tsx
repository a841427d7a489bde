import { Button, Select, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { createSnapshot } from "../../../api/shares";
import { Failure } from "../../../components/status";
import { useTime } from "../../../components/time/TimeContext";
import { modernPanel } from "../../../lib/dashboard/edit";
import { interpolate } from "../../../lib/dashboard/interpolate";
import { withLibrary } from "../../../lib/dashboard/read";
import type { PlacedSection } from "../../../lib/dashboard/repeat";
import { snapshotOf, type TakenSection } from "../../../lib/dashboard/snapshot";
import { useShared } from "../DashboardContext";
import { useEditor } from "../edit/EditorContext";
import { askPanel } from "../usePanel";
import classes from "../edit/edit.module.css";

const day = 86_400;
const lives = [
  { value: String(day), label: "For a day" },
  { value: String(7 * day), label: "For a week" },
  { value: String(30 * day), label: "For a month" },
  { value: "0", label: "For good" },
];

/** Takes a snapshot: the dashboard with its panels' data, for those who shall see this moment and ask nothing. */
export function SnapshotForm({ sections }: { sections: readonly PlacedSection[] }) {
  const shared = useShared();
  const editor = useEditor();
  const time = useTime();
  const [name, setName] = useState(shared.dashboard.title);
  const [expires, setExpires] = useState(String(7 * day));
  const take = useMutation({
    mutationFn: async () => {
      const { signal } = new AbortController();
      const taken = await Promise.all(
        sections.map(async ({ row, panels, scope }): Promise<TakenSection> => ({
          title: row ? interpolate(row.title, [scope, shared.scope], "text") : null,
          panels: await Promise.all(
            panels.map(async (placed) => ({ raw: modernPanel(withLibrary(editor?.rawPanel(placed.panel.id) ?? {}, editor?.library ?? {})), id: placed.panel.id, pos: placed.pos, ...(await askPanel(placed, shared, time, signal)) })),
          ),
        })),
      );
      const values = new Map(shared.variables.map(({ model, chosen }) => [model.name, chosen.map((value) => (value === "$__all" ? "All" : value))]));
      return createSnapshot({ name, expires: Number(expires), dashboard: snapshotOf(editor?.draft.raw ?? {}, taken, time.range, values) });
    },
  });
  return (
    <form
      className={classes.snapshot}
      aria-label="Snapshot"
      onSubmit={(event) => {
        event.preventDefault();
        take.mutate();
      }}
    >
      <TextInput label="Name of the snapshot" value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Select label="Kept" w={140} data={lives} value={expires} onChange={(value) => setExpires(value ?? "0")} />
      <Button type="submit" variant="default" mt={18} disabled={name.trim() === ""} loading={take.isPending}>
        Take a snapshot
      </Button>
      {take.isError && <Failure error={take.error} what="Taking the snapshot" />}
      {take.data !== undefined && (
        <Link to="/snapshots/$key" params={{ key: take.data }} search={{}}>
          Open the snapshot
        </Link>
      )}
    </form>
  );
}
