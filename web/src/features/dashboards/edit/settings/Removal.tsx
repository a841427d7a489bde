import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { deleteDashboard } from "../../../../api/dashboards";
import { Failure } from "../../../../components/status";
import classes from "../edit.module.css";

/** Removes the dashboard with all its versions; its title has to be typed for that. */
export function Removal({ uid, title }: { uid: string; title: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const remove = useMutation({
    mutationFn: () => deleteDashboard(uid),
    onSuccess: async () => {
      await navigate({ to: "/dashboards", search: {}, ignoreBlocker: true });
      await client.invalidateQueries({ queryKey: ["dashboards"] });
    },
  });
  return (
    <div className={classes.copyRow}>
      <TextInput aria-label="Title of the dashboard to be removed" placeholder={`Type “${title}” to remove it`} style={{ flex: 1 }} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
      <Button color="error" variant="default" disabled={typed !== title} loading={remove.isPending} onClick={() => remove.mutate()}>
        Remove the dashboard
      </Button>
      {remove.isError && <Failure error={remove.error} what="Removing" />}
    </div>
  );
}
