import { Button, PasswordInput, Select, TextInput, VisuallyHidden } from "@mantine/core";
import { useMutation, useQuery, useQueryClient, type QueryKey, type UseQueryResult } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";

import { addToken, addUser, changeUser, listRoles, listSessions, listTokens, listUsers, remove, resetFactor, saveRole, whoAmI, type Role, type Session, type Token, type User } from "../../api/auth";
import { announce } from "../../components/announce";
import { copyText } from "../../components/clipboard";
import { Empty, Failure, Loading } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import { age } from "../../lib/timeFormat";
import classes from "./settings.module.css";

const builtIn = ["viewer", "editor", "admin"];
const scopes = ["metrics:write", "logs:write", "traces:write", "query:metrics", "query:logs", "query:traces", "alerts:read", "alerts:write", "dashboards:read", "dashboards:write", "admin"];

/** Who has a password here. */
export function Users() {
  const users = useQuery({ queryKey: ["auth", "users"], queryFn: ({ signal }) => listUsers(signal) });
  const roles = useQuery({ queryKey: ["auth", "roles"], queryFn: ({ signal }) => listRoles(signal) });
  const change = useChange("users");
  const names = roles.data?.map(({ name }) => name) ?? builtIn;
  const columns: TableColumn<User>[] = [
    { key: "name", header: "Name", cell: (row) => (row.disabled ? `${row.name} (disabled)` : row.name), sort: (row) => row.name },
    { key: "roles", header: "Roles", cell: (row) => (row.roles ?? []).join(", ") || "–" },
    { key: "totp", header: "Second factor", width: "120px", cell: (row) => (row.totp ? "yes" : "no"), sort: (row) => Number(row.totp) },
    { key: "last", header: "Last sign-in", width: "140px", cell: (row) => since(row.last_login), sort: (row) => row.last_login },
    {
      key: "tools",
      header: <VisuallyHidden>Actions</VisuallyHidden>,
      width: "300px",
      align: "right",
      cell: (row) => (
        <>
          {row.totp && <Tool label="Reset second factor" of={row.name} danger run={() => change.mutate(() => resetFactor(row.name))} />}
          <Tool label={row.disabled ? "Enable" : "Disable"} of={row.name} run={() => change.mutate(() => changeUser(row.name, { disabled: !row.disabled }))} />
          <Tool label="Remove" of={row.name} danger run={() => change.mutate(() => remove("users", row.name))} />
        </>
      ),
    },
  ];
  return (
    <People query={users} columns={columns} id={(row) => row.name} what="Users" asked={["auth", "users"]} change={change}>
      <AddUser roles={names} add={(made) => change.mutateAsync(() => addUser(made))} />
    </People>
  );
}

function AddUser({ roles, add }: { roles: readonly string[]; add: (made: { name: string; password: string; roles: string[] }) => Promise<unknown> }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState("viewer");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add({ name, password, roles: [role] }).then(
      () => {
        setName("");
        setPassword("");
      },
      () => {}, // told above the table
    );
  };
  return (
    <form className={classes.form} onSubmit={submit} aria-label="Add a user">
      <TextInput label="Name" autoComplete="off" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <PasswordInput label="Password" description="At least 12 characters." autoComplete="new-password" required minLength={12} value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
      <Select label="Role" data={[...roles]} value={role} onChange={(next) => setRole(next ?? "viewer")} />
      <Button type="submit">Add the user</Button>
    </form>
  );
}

/** What people may do and see. */
export function Roles() {
  const roles = useQuery({ queryKey: ["auth", "roles"], queryFn: ({ signal }) => listRoles(signal) });
  const change = useChange("roles");
  const columns: TableColumn<Role>[] = [
    { key: "name", header: "Name", width: "160px", cell: (row) => row.name, sort: (row) => row.name },
    { key: "scopes", header: "May", cell: (row) => (row.scopes ?? []).join(", ") },
    { key: "tenants", header: "Of tenants", width: "140px", cell: (row) => (row.tenants === null ? "all" : row.tenants.join(", ")) },
    { key: "selectors", header: "Sees only", cell: (row) => Object.entries(row.selectors ?? {}).map(([signal, text]) => `${signal} ${text}`).join(" · ") || "everything" },
    { key: "tools", header: <VisuallyHidden>Actions</VisuallyHidden>, width: "110px", align: "right", cell: (row) => (row.built_in ? "built in" : <Tool label="Remove" of={row.name} danger run={() => change.mutate(() => remove("roles", row.name))} />) },
  ];
  return (
    <People query={roles} columns={columns} id={(row) => row.name} what="Roles" asked={["auth", "roles"]} change={change}>
      <AddRole add={(made) => change.mutateAsync(() => saveRole(made))} />
    </People>
  );
}

function AddRole({ add }: { add: (made: Parameters<typeof saveRole>[0]) => Promise<unknown> }) {
  const [name, setName] = useState("");
  const [may, setMay] = useState("query:metrics, query:logs, query:traces, alerts:read, dashboards:read");
  const [selectors, setSelectors] = useState<Record<string, string>>({});
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add({ name, scopes: words(may), tenants: null, selectors }).then(() => setName(""), () => {});
  };
  return (
    <form className={classes.form} onSubmit={submit} aria-label="Add or replace a role">
      <TextInput label="Name" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput label="May" description={scopes.join(", ")} required value={may} onChange={(event) => setMay(event.currentTarget.value)} style={{ flex: "1 1 420px" }} />
      {["metrics", "logs", "traces"].map((signal) => (
        <TextInput key={signal} label={`Sees of ${signal} only`} placeholder='{namespace="shop"}' value={selectors[signal] ?? ""} onChange={(event) => setSelectors({ ...selectors, [signal]: event.currentTarget.value })} />
      ))}
      <Button type="submit">Save the role</Button>
    </form>
  );
}

/** What programs show. */
export function Tokens() {
  const tokens = useQuery({ queryKey: ["auth", "tokens"], queryFn: ({ signal }) => listTokens(signal) });
  const change = useChange("tokens");
  const columns: TableColumn<Token>[] = [
    { key: "name", header: "Name", cell: (row) => row.name, sort: (row) => row.name },
    { key: "scopes", header: "May", cell: (row) => (row.scopes ?? []).join(", ") },
    { key: "tenant", header: "Tenant", width: "100px", cell: (row) => row.tenant || "–" },
    { key: "expires", header: "Ends", width: "110px", cell: (row) => (row.expires === null ? "never" : since(row.expires)), sort: (row) => row.expires },
    { key: "used", header: "Last used", width: "110px", cell: (row) => since(row.last_used), sort: (row) => row.last_used },
    { key: "creator", header: "Made by", width: "120px", cell: (row) => row.creator },
    { key: "tools", header: <VisuallyHidden>Actions</VisuallyHidden>, width: "100px", align: "right", cell: (row) => <Tool label="Revoke" of={row.name} danger run={() => change.mutate(() => remove("tokens", row.id))} /> },
  ];
  return (
    <People query={tokens} columns={columns} id={(row) => row.id} what="Tokens" asked={["auth", "tokens"]} change={change} empty={<Empty title="No program has a token" hint="Make one above for each collector, agent or script: it can be revoked without the others." height={120} />}>
      <AddToken />
    </People>
  );
}

const uses: { value: string; label: string; scopes: string[] }[] = [
  { value: "write", label: "Sends metrics, logs and traces", scopes: ["metrics:write", "logs:write", "traces:write"] },
  { value: "read", label: "Reads everything", scopes: ["query:metrics", "query:logs", "query:traces", "alerts:read", "dashboards:read"] },
  { value: "deploy", label: "Changes alerts and dashboards", scopes: ["alerts:read", "alerts:write", "dashboards:read", "dashboards:write"] },
  { value: "admin", label: "Everything", scopes: ["admin"] },
];

function AddToken() {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [use, setUse] = useState("write");
  const [expires, setExpires] = useState("90d");
  const make = useMutation({
    mutationFn: () => addToken({ name, scopes: uses.find(({ value }) => value === use)?.scopes ?? [], expires }),
    onSuccess: () => {
      setName("");
      void queries.invalidateQueries({ queryKey: ["auth", "tokens"] });
    },
  });
  const made = make.data?.token;
  return (
    <>
      <form
        className={classes.form}
        aria-label="Make a token"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <TextInput label="Name" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Select label="May" data={uses.map(({ value, label }) => ({ value, label }))} value={use} onChange={(next) => setUse(next ?? "write")} />
        <Select label="Ends" data={[{ value: "30d", label: "In 30 days" }, { value: "90d", label: "In 90 days" }, { value: "365d", label: "In a year" }, { value: "", label: "Never" }]} value={expires} onChange={(next) => setExpires(next ?? "")} />
        <Button type="submit" loading={make.isPending}>
          Make the token
        </Button>
      </form>
      {make.isError && <Failure error={make.error} what="Making the token" />}
      {made && (
        <div className={classes.code} role="status">
          <div>Copy it now: it is shown this once.</div>
          <code>{made}</code>{" "}
          <Button size="compact-xs" variant="default" onClick={() => void copyText(made).then(() => announce("Token copied."))}>
            Copy
          </Button>
        </div>
      )}
    </>
  );
}

/** Where people are signed in. */
export function Sessions() {
  const me = useQuery({ queryKey: ["me"], queryFn: ({ signal }) => whoAmI(signal) });
  const all = me.data?.scopes.includes("admin") ?? false;
  const sessions = useQuery({ queryKey: ["auth", "sessions", all], queryFn: ({ signal }) => listSessions(all, signal), enabled: me.isSuccess });
  const change = useChange("sessions");
  const columns: TableColumn<Session>[] = [
    { key: "user", header: "User", width: "160px", cell: (row) => row.user, sort: (row) => row.user },
    { key: "agent", header: "Browser", cell: (row) => row.agent },
    { key: "address", header: "Address", width: "160px", cell: (row) => row.address },
    { key: "source", header: "By", width: "100px", cell: (row) => row.source },
    { key: "created", header: "Since", width: "110px", cell: (row) => since(row.created), sort: (row) => row.created },
    { key: "seen", header: "Last seen", width: "110px", cell: (row) => since(row.seen), sort: (row) => row.seen },
    { key: "tools", header: <VisuallyHidden>Actions</VisuallyHidden>, width: "100px", align: "right", cell: (row) => (row.current ? "this one" : <Tool label="End" of={`session of ${row.user}`} danger run={() => change.mutate(() => remove("sessions", row.id))} />) },
  ];
  return <People query={sessions} columns={columns} id={(row) => row.id} what="Sessions" asked={["auth", "sessions", all]} change={change} empty={<Empty title="Nobody is signed in" hint="Programs with tokens have no sessions." height={120} />} />;
}

function since(time: string | null): string {
  return time === null ? "never" : age(Date.parse(time), Date.now());
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** A change to one of the lists, which is asked for anew after it. */
function useChange(list: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (run: () => Promise<void>) => run(),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["auth", list] });
      announce("Done.");
    },
  });
}

/** A button in a row; one that cannot be undone asks a second time. */
export function Tool({ label, of, danger = false, run }: { label: string; of: string; danger?: boolean; run: () => void }) {
  const [sure, setSure] = useState(false);
  return (
    <Button size="compact-xs" ml={4} variant={sure ? "filled" : "default"} {...(danger ? { color: "error" } : {})} aria-label={`${sure ? "Really " : ""}${label} ${of}`} onBlur={() => setSure(false)} onClick={() => (danger && !sure ? setSure(true) : run())}>
      {sure ? `Really ${label.toLowerCase()}?` : label}
    </Button>
  );
}

interface PeopleProps<Row> {
  query: UseQueryResult<Row[]>;
  columns: TableColumn<Row>[];
  id: (row: Row) => string;
  what: string;
  /** The key of the query. */
  asked: QueryKey;
  change: ReturnType<typeof useChange>;
  /** Stands where there are no rows, of lists that may have none. */
  empty?: ReactNode;
  children?: ReactNode;
}

function People<Row>({ query, columns, id, what, asked, change, empty, children }: PeopleProps<Row>) {
  return (
    <div className={classes.wide}>
      {children}
      {change.isError && <Failure error={change.error} what="The change" />}
      {query.isPending ? (
        <Loading height={200} what={what.toLowerCase()} asked={[asked]} />
      ) : query.isError ? (
        <Failure error={query.error} retry={query.refetch} what={`Asking for ${what.toLowerCase()}`} />
      ) : query.data.length === 0 && empty ? (
        empty
      ) : (
        <Table label={what} columns={columns} rows={query.data} rowKey={id} />
      )}
    </div>
  );
}
