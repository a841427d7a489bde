import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { createFolder, type Folder } from "../../api/dashboards";
import { deleteFolder, renameFolder } from "../../api/shares";
import { Failure } from "../../components/status";
import classes from "./list.module.css";

/** Makes, renames and removes folders. Those that hold files are left to whoever keeps the files. */
export function FoldersDialog({ folders, onClose }: { folders: readonly Folder[]; onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const changed = () => Promise.all([client.invalidateQueries({ queryKey: ["folders"] }), client.invalidateQueries({ queryKey: ["dashboards"] })]);
  const make = useMutation({
    mutationFn: createFolder,
    onSuccess: () => {
      setName("");
      return changed();
    },
  });
  return (
    <Modal opened onClose={onClose} title="Folders" size="lg" transitionProps={{ duration: 120 }}>
      <div className={classes.page}>
        {folders.map((folder) => (
          <FolderRow key={folder.uid} folder={folder} onChanged={changed} />
        ))}
        <form
          className={classes.tools}
          onSubmit={(event) => {
            event.preventDefault();
            make.mutate(name.trim());
          }}
        >
          <TextInput aria-label="Name of a new folder" placeholder="A new folder" value={name} onChange={(event) => setName(event.currentTarget.value)} />
          <Button type="submit" disabled={name.trim() === ""} loading={make.isPending}>
            Make the folder
          </Button>
        </form>
        {make.isError && <Failure error={make.error} what="Making the folder" />}
      </div>
    </Modal>
  );
}

function FolderRow({ folder, onChanged }: { folder: Folder; onChanged: () => Promise<unknown> }) {
  const [title, setTitle] = useState(folder.title);
  const [removing, setRemoving] = useState(false);
  const rename = useMutation({ mutationFn: () => renameFolder(folder.uid, title.trim()), onSuccess: onChanged });
  const remove = useMutation({ mutationFn: () => deleteFolder(folder.uid), onSuccess: onChanged });
  if (folder.provisioned) {
    return (
      <div className={classes.tools}>
        {folder.title} <span className={classes.counts}>holds files, read-only here</span>
      </div>
    );
  }
  return (
    <div className={classes.tools}>
      <TextInput aria-label={`Name of ${folder.title}`} value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
      <Button variant="default" disabled={title.trim() === "" || title === folder.title} loading={rename.isPending} onClick={() => rename.mutate()}>
        Rename
      </Button>
      {removing ? (
        <Button color="error" loading={remove.isPending} onClick={() => remove.mutate()}>
          Remove it with all its dashboards
        </Button>
      ) : (
        <Button variant="subtle" onClick={() => setRemoving(true)}>
          Remove
        </Button>
      )}
      {rename.isError && <Failure error={rename.error} what="Renaming" />}
      {remove.isError && <Failure error={remove.error} what="Removing" />}
    </div>
  );
}
