import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { addToLibrary, listLibrary, replaceInLibrary } from "../../../api/library";
import { Failure } from "../../../components/status";
import { modernPanel } from "../../../lib/dashboard/edit";
import { obj, str } from "../../../lib/dashboard/json";
import { withLibrary } from "../../../lib/dashboard/read";
import type { Editor } from "./EditorContext";
import classes from "./edit.module.css";

interface KeepDialogProps {
  id: number;
  title: string;
  editor: Editor;
  onClose: () => void;
}

/** Keeps a panel in the library, in place of the one of that name if there is one; the dashboard shows it from there. */
export function KeepDialog({ id, title, editor, onClose }: KeepDialogProps) {
  const client = useQueryClient();
  const raw = editor.rawPanel(id) ?? {};
  const [name, setName] = useState(str(obj(raw.libraryPanel).name, title));
  const library = useQuery({ queryKey: ["library"], queryFn: ({ signal }) => listLibrary(signal) });
  const taken = library.data?.find((one) => one.name === name.trim());
  const keep = useMutation({
    mutationFn: () => {
      const { id: _id, ...model } = modernPanel(withLibrary(raw, editor.library));
      return taken ? replaceInLibrary(taken, model) : addToLibrary(name.trim(), model);
    },
    onSuccess: (kept) => {
      void client.invalidateQueries({ queryKey: ["library"] });
      editor.link(id, kept);
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title="Keep in the library" transitionProps={{ duration: 120 }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          keep.mutate();
        }}
      >
        <TextInput label="Name of the library panel" data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <p className={classes.note}>
          {taken
            ? `“${taken.name}” is in the library already, and ${shownBy(taken.meta.connectedDashboards)}. Replaced, all of them show this panel.`
            : "Dashboards show it by its name in the library: a change there is seen in all of them."}
        </p>
        <Button type="submit" mt={12} disabled={name.trim() === "" || !library.data} loading={keep.isPending}>
          {taken ? "Replace it" : "Keep it"}
        </Button>
        {library.isError && <Failure error={library.error} what="Asking for the library" />}
        {keep.isError && <Failure error={keep.error} what="Keeping the panel" />}
      </form>
    </Modal>
  );
}

/** How many dashboards show a library panel, in words. */
export function shownBy(dashboards: number): string {
  return dashboards === 0 ? "no dashboard shows it" : dashboards === 1 ? "one dashboard shows it" : `${dashboards} dashboards show it`;
}
