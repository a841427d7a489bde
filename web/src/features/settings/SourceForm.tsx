import { Button, PasswordInput, Select, Switch, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { saveSource, testSource, type PushedSource, type SourceChange } from "../../api/sources";
import { announce } from "../../components/announce";
import { Failure } from "../../components/status";
import classes from "./settings.module.css";

const types = [
  { value: "prometheus", label: "Prometheus and its kind" },
  { value: "loki", label: "Loki" },
  { value: "tempo", label: "Tempo" },
  { value: "jaeger", label: "Jaeger" },
  { value: "alertmanager", label: "Alertmanager" },
];

type Credentials = "none" | "basic" | "token" | "kept";

interface SourceFormProps {
  /** Undefined for a new one. */
  before: PushedSource | undefined;
  onClose: () => void;
}

/** Adds or changes a server that panels may ask, and asks it something small. */
export function SourceForm({ before, onClose }: SourceFormProps) {
  const queries = useQueryClient();
  const [source, setSource] = useState({ uid: "", name: "", type: "prometheus", url: "", basicAuthUser: "", isDefault: false, ...before });
  const [credentials, setCredentials] = useState<Credentials>(before && Object.keys(before.secureJsonFields).length > 0 ? "kept" : "none");
  const [secret, setSecret] = useState("");
  const [tenant, setTenant] = useState("");
  const [skipVerify, setSkipVerify] = useState(before?.jsonData.tlsSkipVerify === true);
  const save = useMutation({
    mutationFn: async () => {
      const kept = await saveSource(changeOf(source, before, { credentials, secret, tenant, skipVerify }), before);
      await Promise.all([["settings", "sources"], ["datasources"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
      return testSource(kept.uid, kept.type).then(
        () => `${kept.name} is kept, and answers.`,
        (error: Error) => `${kept.name} is kept, but could not be asked: ${error.message}`,
      );
    },
    onSuccess: (text) => {
      announce(text);
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  const kinds = [
    ...(before && Object.keys(before.secureJsonFields).length > 0 ? [{ value: "kept", label: "Those it has" }] : []),
    { value: "none", label: "None" },
    { value: "basic", label: "User and password" },
    { value: "token", label: "Bearer token" },
  ];
  return (
    <form className={classes.rule} onSubmit={submit} aria-label={before ? `Change ${before.name}` : "Add a data source"}>
      <div className={classes.form}>
        <TextInput label="Name" required data-autofocus value={source.name} onChange={(event) => setSource({ ...source, name: event.currentTarget.value })} />
        <Select label="Type" data={types.some(({ value }) => value === source.type) ? types : [...types, { value: source.type, label: source.type }]} value={source.type} onChange={(type) => setSource({ ...source, type: type ?? "prometheus" })} />
        <TextInput label="Address" required placeholder="https://prometheus.example:9090" miw={280} value={source.url} onChange={(event) => setSource({ ...source, url: event.currentTarget.value })} />
        <TextInput label="uid in dashboards" placeholder="made for it" disabled={before !== undefined} value={source.uid} onChange={(event) => setSource({ ...source, uid: event.currentTarget.value })} />
      </div>
      <div className={classes.form}>
        <Select label="Credentials" data={kinds} value={credentials} onChange={(kind) => setCredentials((kind ?? "none") as Credentials)} />
        {credentials === "basic" && (
          <TextInput label="User" required autoComplete="off" value={source.basicAuthUser} onChange={(event) => setSource({ ...source, basicAuthUser: event.currentTarget.value })} />
        )}
        {(credentials === "basic" || credentials === "token") && (
          <PasswordInput label={credentials === "basic" ? "Password" : "Token"} required miw={220} autoComplete="new-password" value={secret} onChange={(event) => setSecret(event.currentTarget.value)} />
        )}
        {credentials !== "kept" && <TextInput label="Tenant (X-Scope-OrgID)" autoComplete="off" value={tenant} onChange={(event) => setTenant(event.currentTarget.value)} />}
      </div>
      <div className={classes.kinds}>
        <Switch label="Asked where a dashboard names none" checked={source.isDefault} onChange={(event) => setSource({ ...source, isDefault: event.currentTarget.checked })} />
        <Switch label="Whatever certificate it has" checked={skipVerify} onChange={(event) => setSkipVerify(event.currentTarget.checked)} />
      </div>
      {save.isError && <Failure error={save.error} what="Keeping the data source" />}
      <div className={classes.end}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={save.isPending}>
          Save and test
        </Button>
      </div>
    </form>
  );
}

interface Access {
  credentials: Credentials;
  secret: string;
  tenant: string;
  skipVerify: boolean;
}

type Described = Pick<SourceChange, "uid" | "name" | "type" | "url" | "basicAuthUser" | "isDefault">;

/** What is sent: secrets that another kind of credentials had are removed, and whatever else the source has stays. */
export function changeOf(source: Described, before: PushedSource | undefined, { credentials, secret, tenant, skipVerify }: Access): SourceChange {
  const { uid, name, type, url, basicAuthUser, isDefault } = source;
  const jsonData: Record<string, unknown> = { ...before?.jsonData };
  delete jsonData.tlsSkipVerify;
  if (skipVerify) jsonData.tlsSkipVerify = true;
  const change = { uid, name: name.trim(), type, url: url.trim(), isDefault, jsonData };
  if (credentials === "kept") return { ...change, basicAuth: before?.basicAuth ?? false, basicAuthUser, secureJsonData: {} };
  const secrets: Record<string, string> = {};
  for (const key of Object.keys(before?.secureJsonFields ?? {}).filter((one) => one === "basicAuthPassword" || one.startsWith("httpHeaderValue"))) secrets[key] = "";
  for (const key of Object.keys(jsonData).filter((one) => one.startsWith("httpHeaderName"))) delete jsonData[key];
  const headers = [...(credentials === "token" ? [["Authorization", `Bearer ${secret}`]] : []), ...(tenant.trim() === "" ? [] : [["X-Scope-OrgID", tenant.trim()]])];
  headers.forEach(([header, value], index) => {
    jsonData[`httpHeaderName${index + 1}`] = header;
    secrets[`httpHeaderValue${index + 1}`] = value ?? "";
  });
  if (credentials === "basic") secrets.basicAuthPassword = secret;
  return { ...change, basicAuth: credentials === "basic", basicAuthUser: credentials === "basic" ? basicAuthUser : "", secureJsonData: secrets };
}
