import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { saveQuery } from "../api/savedQueries";
import { announce } from "../components/announce";
import { Failure } from "../components/status";
import { useFocusBack } from "../components/useFocusBack";
import type { SharedQuery } from "../lib/share";
import classes from "./Header.module.css";

/** Keeps a page's query under a name, for everybody. */
export function KeepQuery({ query: { language, query }, onClose }: { query: SharedQuery; onClose: () => void }) {
  useFocusBack();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const keep = useMutation({
    mutationFn: () => saveQuery({ name: name.trim(), language, query }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["queries"] });
      announce(`Kept as ${name.trim()}: the palette finds it, and Settings lists it.`);
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() !== "") keep.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Keep this query">
      <form onSubmit={submit} aria-label="Keep this query">
        <pre className={classes.query}>{query}</pre>
        <TextInput label="Name" required data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
        {keep.isError && <Failure error={keep.error} what="Keeping it" />}
        <Button type="submit" mt={12} loading={keep.isPending} disabled={name.trim() === ""}>
          Keep it
        </Button>
      </form>
    </Modal>
  );
}
