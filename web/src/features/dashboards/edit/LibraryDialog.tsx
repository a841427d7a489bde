import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { listLibrary, removeFromLibrary, type LibraryPanel } from "../../../api/library";
import { Failure } from "../../../components/status";
import type { Obj } from "../../../lib/dashboard/json";
import { shownBy } from "./KeepDialog";
import { hasWords, starters, startersFor, type Starter } from "./starters";
import classes from "./edit.module.css";

const groups = [...new Set(starters.map((one) => one.of))];

interface LibraryDialogProps {
  onClose: () => void;
  /** Takes a copy of a panel. */
  onChoose: (panel: Obj) => void;
  /** Shows a panel that is kept on the server. */
  onLink: (kept: LibraryPanel) => void;
}

/** Panels that are made already, to choose one from: those that people keep, and starters. */
export function LibraryDialog({ onClose, onChoose, onLink }: LibraryDialogProps) {
  const [find, setFind] = useState("");
  const library = useQuery({ queryKey: ["library"], queryFn: ({ signal }) => listLibrary(signal) });
  const kept = (library.data ?? []).filter((one) => hasWords(`${one.name} ${one.description} ${one.type}`, find));
  const found = startersFor(find);
  return (
    <Modal opened onClose={onClose} title="Library of panels" size="xl" transitionProps={{ duration: 120 }}>
      <TextInput aria-label="Find a panel" placeholder="Find a panel: latency, disk, errors …" data-autofocus value={find} onChange={(event) => setFind(event.currentTarget.value)} />
      {library.isError && <Failure error={library.error} retry={library.refetch} what="Asking for the panels that are kept" />}
      {kept.length > 0 && <Kept panels={kept} onLink={onLink} />}
      {groups.map((group) => {
        const own = found.filter((one) => one.of === group);
        return own.length === 0 ? null : <Group key={group} title={group} starters={own} onChoose={onChoose} />;
      })}
      {found.length === 0 && kept.length === 0 && <p className={classes.note}>No panel has these words. A panel from a query can be anything.</p>}
    </Modal>
  );
}

function Kept({ panels, onLink }: { panels: readonly LibraryPanel[]; onLink: (kept: LibraryPanel) => void }) {
  const client = useQueryClient();
  const remove = useMutation({ mutationFn: removeFromLibrary, onSuccess: () => client.invalidateQueries({ queryKey: ["library"] }) });
  return (
    <section aria-label="Kept here">
      <h3 className={classes.group}>Kept here</h3>
      <div className={classes.cards}>
        {panels.map((one) => (
          <div key={one.uid} className={classes.keptCard}>
            <button type="button" className={classes.card} onClick={() => onLink(one)}>
              <b>{one.name}</b>
              <span className={classes.note}>{one.description || `A panel of type ${one.type}: ${shownBy(one.meta.connectedDashboards)}`}</span>
            </button>
            {one.meta.connectedDashboards === 0 && (
              <Button size="compact-xs" variant="subtle" color="error" aria-label={`Remove ${one.name} from the library`} loading={remove.isPending && remove.variables === one.uid} onClick={() => remove.mutate(one.uid)}>
                Remove
              </Button>
            )}
          </div>
        ))}
      </div>
      {remove.isError && <Failure error={remove.error} what="Removing it" />}
    </section>
  );
}

function Group({ title, starters: own, onChoose }: { title: string; starters: readonly Starter[]; onChoose: (panel: Obj) => void }) {
  return (
    <section aria-label={title}>
      <h3 className={classes.group}>{title}</h3>
      <div className={classes.cards}>
        {own.map((one) => (
          <button key={one.title} type="button" className={classes.card} onClick={() => onChoose(one.make())}>
            <b>{one.title}</b>
            <span className={classes.note}>{one.about}</span>
          </button>
        ))}
      </div>
    </section>
  );
}
