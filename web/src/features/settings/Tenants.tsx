import { Button, Modal, TextInput, VisuallyHidden } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";

import { countTenant, deleteTenant, limitsInForce, listTenants, type TenantData } from "../../api/tenants";
import { announce } from "../../components/announce";
import { Empty, Failure, Loading } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import { outline } from "../../lib/outline";
import { counted } from "../../lib/units";
import classes from "./settings.module.css";

/** Who shares this server: their names, what each has, what each may, and how one is deleted. */
export function Tenants() {
  const tenants = useQuery({ queryKey: ["tenants"], queryFn: ({ signal }) => listTenants(signal) });
  const [counts, setCounts] = useState<Readonly<Record<string, TenantData>>>({});
  const [leaving, setLeaving] = useState<string>();
  const count = useMutation({ mutationFn: countTenant, onSuccess: (data) => setCounts((before) => ({ ...before, [data.tenant]: data })) });
  const columns: TableColumn<string>[] = [
    { key: "name", header: "Tenant", width: "minmax(120px, 1fr)", cell: (name) => name, sort: (name) => name },
    { key: "has", header: "Has", width: "minmax(240px, 3fr)", cell: (name) => hasText(counts[name]) },
    {
      key: "tools",
      header: <VisuallyHidden>Actions</VisuallyHidden>,
      width: "180px",
      align: "right",
      cell: (name) => (
        <>
          <Button size="compact-xs" variant="default" aria-label={`Count what ${name} has`} loading={count.isPending && count.variables === name} onClick={() => count.mutate(name)}>
            Count
          </Button>
          <Button size="compact-xs" variant="default" color="error" ml={4} aria-label={`Delete ${name}`} onClick={() => setLeaving(name)}>
            Delete …
          </Button>
        </>
      ),
    },
  ];
  return (
    <div className={classes.wide}>
      <h2 className={classes.heading}>Tenants besides the default one</h2>
      {count.isError && <Failure error={count.error} what="Counting" />}
      {tenants.isPending ? (
        <Loading height={120} what="tenants" asked={[["tenants"]]} />
      ) : tenants.isError ? (
        <Failure error={tenants.error} retry={tenants.refetch} what="Asking for tenants" />
      ) : tenants.data.length === 0 ? (
        <Empty
          title="There is none"
          hint={
            <>
              Senders name one with the header <code>X-Scope-OrgID</code>, or by a token of theirs, once <code>{"auth: {enabled: true, tenants: true}"}</code> is set.
            </>
          }
          height={120}
        />
      ) : (
        <Table label="Tenants" columns={columns} rows={tenants.data} rowKey={(name) => name} />
      )}
      {leaving !== undefined && <DeleteTenant key={leaving} name={leaving} onClose={() => setLeaving(undefined)} />}
      <Limits />
    </div>
  );
}

const nouns: readonly [key: Exclude<keyof TenantData, "tenant">, one: string, many?: string][] = [
  ["series", "series", "series"],
  ["lines", "log line"],
  ["spans", "span"],
  ["archivedSpans", "archived span"],
  ["tokens", "token"],
  ["dashboards", "dashboard"],
  ["ruleGroups", "rule group"],
  ["rest", "other thing that it made", "other things that it made"],
];

function hasText(data: TenantData | undefined): string {
  if (!data) return "not counted";
  const parts = nouns.flatMap(([key, one, many]) => ((data[key] ?? 0) > 0 ? [counted(data[key] ?? 0, one, many)] : []));
  return parts.join(", ") || "nothing";
}

/** Counts what would be gone, and deletes it once the name was typed. */
function DeleteTenant({ name, onClose }: { name: string; onClose: () => void }) {
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const preview = useQuery({ queryKey: ["tenants", "count", name], queryFn: () => countTenant(name), gcTime: 0 });
  const remove = useMutation({
    mutationFn: () => deleteTenant(name),
    onSuccess: (gone) => {
      void queries.invalidateQueries({ queryKey: ["tenants"], exact: true });
      announce(`Deleted of ${name}: ${hasText(gone)}.`);
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (typed === name) remove.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={`Delete tenant ${name}`}>
      <form onSubmit={submit} aria-label={`Delete tenant ${name}`}>
        {preview.isPending ? (
          <Loading height={60} what="what it has" asked={[["tenants", "count", name]]} />
        ) : preview.isError ? (
          <Failure error={preview.error} retry={preview.refetch} what="Counting what it has" />
        ) : (
          <p>
            This would be gone for good: <strong>{hasText(preview.data)}</strong>. What its senders bring afterwards is new.
          </p>
        )}
        <TextInput label={`To delete it, type ${name}`} data-autofocus autoComplete="off" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        {remove.isError && <Failure error={remove.error} what="Deleting" />}
        <div className={classes.end}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="error" loading={remove.isPending} disabled={typed !== name || !preview.isSuccess}>
            Delete all of it
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** What tenants and tokens may send and ask, and how long data is kept. */
function Limits() {
  const inForce = useQuery({ queryKey: ["settings", "limits"], queryFn: ({ signal }) => limitsInForce(signal) });
  return (
    <>
      <h2 className={classes.heading}>Limits and retention</h2>
      <p className={classes.muted}>
        What one tenant may send stands under <code>limits.rates.tenants</code> of <code>oriel.yaml</code>, and cannot be changed here; zero is no limit. How long signals
        are kept is changed under{" "}
        <Link to="/data" search={{ tab: "storage" }}>
          Data, Storage
        </Link>
        ; one tenant&apos;s has its own in <code>storage.event.streams</code> and <code>storage.metric.retention_rules</code>, by the selector{" "}
        <code>{'{__tenant_id__="name"}'}</code>.
      </p>
      {inForce.isPending ? (
        <Loading as="text" height={160} what="limits" asked={[["settings", "limits"]]} />
      ) : inForce.isError ? (
        <Failure error={inForce.error} retry={inForce.refetch} what="Asking for limits" />
      ) : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, by the keyboard too
        <pre className={classes.code} aria-label="Limits and retention in force" tabIndex={0}>
          {outline(inForce.data)}
        </pre>
      )}
    </>
  );
}
