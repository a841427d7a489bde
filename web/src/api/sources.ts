import * as z from "zod/mini";

import { fetchJSON } from "./client";
import { sendJSON } from "./dashboards";

const path = "/api/datasources";

const pushed = z.object({
  uid: z.string(),
  name: z.string(),
  type: z.string(),
  url: z.string(),
  basicAuth: z.boolean(),
  basicAuthUser: z.string(),
  isDefault: z.boolean(),
  jsonData: z.record(z.string(), z.unknown()),
  /** Names of its secrets; those themselves never come back. */
  secureJsonFields: z.record(z.string(), z.boolean()),
  version: z.number(),
});

/** A data source that can be changed here, in the shape of Grafana's API. */
export type PushedSource = z.infer<typeof pushed>;

/** What is sent of one: secrets that are left out stay, "" removes one. */
export interface SourceChange extends Omit<PushedSource, "version" | "secureJsonFields"> {
  secureJsonData: Record<string, string>;
}

export async function fetchSource(uid: string, signal?: AbortSignal): Promise<PushedSource> {
  return fetchJSON(`${path}/uid/${encodeURIComponent(uid)}`, pushed, signal ? { signal } : {});
}

/** Adds one, or changes the one that `before` is if nobody else did meanwhile. */
export async function saveSource(change: SourceChange, before?: PushedSource): Promise<PushedSource> {
  const body = { access: "proxy", ...change, ...(before ? { version: before.version } : {}) };
  const answer = z.object({ datasource: pushed });
  return (await (before ? sendJSON("PUT", `${path}/uid/${encodeURIComponent(before.uid)}`, body, answer) : sendJSON("POST", path, body, answer))).datasource;
}

export async function deleteSource(uid: string): Promise<void> {
  await sendJSON("DELETE", `${path}/uid/${encodeURIComponent(uid)}`, undefined, z.unknown());
}

// A small question to each kind of server.
const questions: Readonly<Record<string, string>> = {
  loki: "/loki/api/v1/labels",
  tempo: "/api/search/tags",
  jaeger: "/api/services",
  alertmanager: "/api/v2/status",
};

/** Asks the server behind a data source something small; rejects with what is wrong. */
export async function testSource(uid: string, type: string): Promise<void> {
  await fetchJSON(`/oriel/api/v1/datasources/${encodeURIComponent(uid)}/proxy${questions[type] ?? "/api/v1/query?query=1"}`, z.unknown());
}
