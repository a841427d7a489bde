import { Button, Select, TextInput, VisuallyHidden } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";

import { deleteQuery, savedQueries, saveQuery, type NamedQuery, type SavedQuery } from "../../api/savedQueries";
import { announce } from "../../components/announce";
import { Empty, Failure, Loading } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import { logsPlace, metricsPlace, tracesPlace, type Place } from "../../lib/links";
import type { Language } from "../../lib/palette";
import { age } from "../../lib/timeFormat";
import classes from "./settings.module.css";

const languages: Record<Language, { title: string; place: (query: string) => Place }> = {
  promql: { title: "PromQL", place: metricsPlace },
  logql: { title: "LogQL", place: logsPlace },
  traceql: { title: "TraceQL", place: tracesPlace },
};

/** Queries that people keep under a name; the palette finds them too. */
export function Queries() {
  const client = useQueryClient();
  const queries = useQuery({ queryKey: ["queries"], queryFn: ({ signal }) => savedQueries(signal) });
  const [editing, setEditing] = useState<SavedQuery>();
  const change = useMutation({
    mutationFn: (run: () => Promise<void>) => run(),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["queries"] });
      setEditing(undefined);
    },
  });
  const remove = ({ uid, name, language, query }: SavedQuery): void =>
    change.mutate(async () => {
      await deleteQuery(uid);
      announce(`${name} was removed.`, () => change.mutate(() => saveQuery({ name, language, query })));
    });
  const columns: TableColumn<SavedQuery>[] = [
    { key: "name", header: "Name", width: "minmax(120px, 1fr)", cell: (row) => <Link {...languages[row.language].place(row.query)}>{row.name}</Link>, sort: (row) => row.name },
    { key: "language", header: "Language", width: "80px", cell: (row) => languages[row.language].title, sort: (row) => row.language },
    { key: "query", header: "Query", width: "minmax(200px, 3fr)", cell: (row) => <code title={row.query}>{row.query}</code> },
    { key: "updated", header: "Changed", width: "160px", cell: (row) => `${age(Date.parse(row.updated), Date.now())} by ${row.updatedBy}`, sort: (row) => row.updated },
    {
      key: "tools",
      header: <VisuallyHidden>Actions</VisuallyHidden>,
      width: "130px",
      align: "right",
      cell: (row) => (
        <>
          <Button size="compact-xs" variant="default" aria-label={`Edit ${row.name}`} onClick={() => setEditing(row)}>
            Edit
          </Button>
          <Button size="compact-xs" variant="default" color="error" ml={4} aria-label={`Remove ${row.name}`} onClick={() => remove(row)}>
            Remove
          </Button>
        </>
      ),
    },
  ];
  return (
    <div className={classes.wide}>
      <QueryForm key={editing?.uid ?? ""} before={editing} save={(made) => change.mutate(() => saveQuery(made, editing?.uid))} cancel={() => setEditing(undefined)} />
      {change.isError && <Failure error={change.error} what="The change" />}
      {queries.isPending ? (
        <Loading height={200} what="queries" asked={[["queries"]]} />
      ) : queries.isError ? (
        <Failure error={queries.error} retry={queries.refetch} what="Asking for queries" />
      ) : queries.data.length === 0 ? (
        <Empty title="No query is kept" hint="Keep one above, or from Metrics, Logs and Traces: Share, Keep this query." height={120} />
      ) : (
        <Table label="Queries" columns={columns} rows={queries.data} rowKey={(row) => row.uid} initialSort="name" />
      )}
    </div>
  );
}

function QueryForm({ before, save, cancel }: { before: SavedQuery | undefined; save: (made: NamedQuery) => void; cancel: () => void }) {
  const [name, setName] = useState(before?.name ?? "");
  const [language, setLanguage] = useState<Language>(before?.language ?? "promql");
  const [query, setQuery] = useState(before?.query ?? "");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save({ name: name.trim(), language, query: query.trim() });
    if (!before) {
      setName("");
      setQuery("");
    }
  };
  return (
    <form className={classes.form} onSubmit={submit} aria-label={before ? `Change ${before.name}` : "Keep a query"}>
      <TextInput label="Name" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Select label="Language" w={110} data={Object.entries(languages).map(([value, { title }]) => ({ value, label: title }))} value={language} onChange={(next) => setLanguage((next ?? "promql") as Language)} />
      <TextInput label="Query" required value={query} onChange={(event) => setQuery(event.currentTarget.value)} style={{ flex: "1 1 360px" }} />
      <Button type="submit">{before ? "Save" : "Keep it"}</Button>
      {before && (
        <Button variant="default" onClick={cancel}>
          Cancel
        </Button>
      )}
    </form>
  );
}
