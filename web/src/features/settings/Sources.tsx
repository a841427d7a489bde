import { Button, VisuallyHidden } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";

import { listSources, type ListedSource } from "../../api/dashboards";
import { deleteSource, fetchSource, testSource, type PushedSource } from "../../api/sources";
import { announce } from "../../components/announce";
import { Failure, Loading } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import { Tool } from "./people";
import classes from "./settings.module.css";

const SourceForm = lazy(() => import("./SourceForm").then((loaded) => ({ default: loaded.SourceForm })));

/** Where panels of dashboards may ask: this server, those of the configuration, and those that were added here or by Grafana's API. */
export function Sources() {
  const queries = useQueryClient();
  const [form, setForm] = useState<{ before?: PushedSource }>();
  const sources = useQuery({ queryKey: ["settings", "sources"], queryFn: ({ signal }) => listSources(signal) });
  const test = useMutation({ mutationFn: (row: ListedSource) => testSource(row.uid, row.type), onSuccess: (_, row) => announce(`${row.name} answers.`) });
  const open = useMutation({ mutationFn: (uid: string) => fetchSource(uid), onSuccess: (before) => setForm({ before }) });
  const remove = useMutation({
    mutationFn: (row: ListedSource) => deleteSource(row.uid),
    onSuccess: async (_, row) => {
      announce(`${row.name} is removed.`);
      await Promise.all([["settings", "sources"], ["datasources"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
    },
  });
  if (sources.isPending) return <Loading height={240} what="data sources" asked={[["settings", "sources"]]} />;
  if (sources.isError) return <Failure error={sources.error} retry={sources.refetch} what="Asking for data sources" />;
  const columns: TableColumn<ListedSource>[] = [
    { key: "name", header: "Name", cell: (row) => `${row.name}${row.isDefault ? " (default)" : ""}`, sort: (row) => row.name },
    { key: "type", header: "Type", cell: (row) => row.type, sort: (row) => row.type },
    { key: "uid", header: "uid in dashboards", cell: (row) => <code>{row.uid}</code> },
    { key: "where", header: "Where", cell: whereText },
    {
      key: "tools",
      header: <VisuallyHidden>Actions</VisuallyHidden>,
      width: "220px",
      align: "right",
      cell: (row) =>
        row.url.includes("/proxy") && (
          <>
            <Button size="compact-xs" variant="default" aria-label={`Test ${row.name}`} loading={test.isPending && test.variables.uid === row.uid} onClick={() => test.mutate(row)}>
              Test
            </Button>
            {row.editable && (
              <>
                <Tool label="Change" of={row.name} run={() => open.mutate(row.uid)} />
                <Tool label="Remove" of={row.name} danger run={() => remove.mutate(row)} />
              </>
            )}
          </>
        ),
    },
  ];
  const failed = [test, open, remove].find((one) => one.isError);
  return (
    <div className={classes.wide}>
      <Table label="Data sources" columns={columns} rows={sources.data} rowKey={(row) => row.uid} />
      {failed?.error && <Failure error={failed.error} what={failed === test ? `Asking ${test.variables?.name ?? "it"}` : failed === open ? "Reading it" : "Removing it"} />}
      {form ? (
        <Suspense fallback={<Loading height={160} what="the form" />}>
          <SourceForm key={form.before?.uid ?? ""} before={form.before} onClose={() => setForm(undefined)} />
        </Suspense>
      ) : (
        <Button mt={12} variant="default" onClick={() => setForm({})}>
          Add a data source
        </Button>
      )}
      <p className={classes.muted}>
        Oriel asks other servers for the page, so that credentials stay with it. Terraform, grizzly and scripts push them to <code>/api/datasources</code>; in{" "}
        <code>oriel.yaml</code> they are
      </p>
      <pre className={classes.code}>{"datasources:\n  - name: Old Prometheus\n    uid: prom-old\n    type: prometheus   # loki, tempo, jaeger, alertmanager\n    url: http://prometheus:9090"}</pre>
    </div>
  );
}

function whereText(row: ListedSource): string {
  if (!row.url.includes("/proxy")) return "this server";
  return row.editable ? "another server, asked by Oriel" : "another server, of the configuration";
}
