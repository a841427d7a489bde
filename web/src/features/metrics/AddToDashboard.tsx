import { Button, Modal, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { createDashboard, fetchDashboard, listDashboards, saveDashboard } from "../../api/dashboards";
import { Failure } from "../../components/status";
import { addPanel } from "../../lib/dashboard/edit";
import { panelOf } from "./panelOf";
import type { Pane } from "./panes";
import type { NamedQuery } from "./usePaneData";
import classes from "./metrics.module.css";

const fresh = "+new";

/** Puts a pane on a dashboard, an existing one or a new one. */
export function AddToDashboard({ pane, queries, onClose }: { pane: Pane; queries: readonly NamedQuery[]; onClose: () => void }) {
  const [uid, setUid] = useState<string>(fresh);
  const [title, setTitle] = useState("");
  const [name, setName] = useState("New dashboard");
  const list = useQuery({ queryKey: ["dashboards", "all"], queryFn: ({ signal }) => listDashboards({}, signal) });
  const choices = (list.data ?? []).filter((one) => !one.provisioned).map((one) => ({ value: one.uid, label: one.folderTitle === "" ? one.title : `${one.folderTitle} / ${one.title}` }));
  const add = useMutation({
    mutationFn: async () => {
      const panel = panelOf(pane, queries, title);
      const message = `Panel ${title === "" ? "from a query" : title}`;
      if (uid === fresh) {
        const made = await createDashboard({ dashboard: addPanel({ title: name, panels: [], schemaVersion: 39, time: { from: "now-1h", to: "now" } }, panel).raw, message });
        return made.uid;
      }
      const { dashboard, meta } = await fetchDashboard(uid);
      await saveDashboard(uid, meta.version, { dashboard: addPanel(dashboard, panel).raw, message, ...(meta.folderUid ? { folderUid: meta.folderUid } : {}) });
      return uid;
    },
  });
  return (
    <Modal opened onClose={onClose} title="Add to a dashboard" transitionProps={{ duration: 120 }}>
      {add.isSuccess ? (
        <p>
          Added.{" "}
          <Link to="/d/$uid" params={{ uid: add.data }} search={{}}>
            Open the dashboard
          </Link>
        </p>
      ) : (
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate();
          }}
        >
          <Select label="Dashboard" searchable data={[{ value: fresh, label: "A new dashboard" }, ...choices]} value={uid} onChange={(next) => setUid(next ?? fresh)} />
          {uid === fresh && <TextInput label="Its name" required value={name} onChange={(event) => setName(event.currentTarget.value)} />}
          <TextInput label="Title of the panel" placeholder={queries[0]?.text ?? ""} value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
          {list.isError && <Failure error={list.error} retry={list.refetch} what="Listing dashboards" />}
          {add.isError && <Failure error={add.error} what="Saving" />}
          <Button type="submit" loading={add.isPending}>
            Add
          </Button>
        </form>
      )}
    </Modal>
  );
}
