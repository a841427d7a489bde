import * as z from "zod/mini";

import { tenantHeaders } from "../lib/tenant";
import { ApiError, complaint, fetchJSON, url, type Params } from "./client";

const summary = z.object({
  uid: z.string(),
  title: z.string(),
  tags: z.optional(z.nullable(z.array(z.string()))),
  folderUid: z.optional(z.string()),
  folderTitle: z.optional(z.string()),
  version: z.optional(z.number()),
  updated: z.optional(z.string()),
  updatedBy: z.optional(z.string()),
  provisioned: z.optional(z.boolean()),
  starred: z.optional(z.boolean()),
  variables: z.optional(z.array(z.string())),
});

const meta = z.object({
  version: z.number(),
  provisioned: z.optional(z.boolean()),
  folderUid: z.optional(z.string()),
  folderTitle: z.optional(z.string()),
  updated: z.optional(z.string()),
  updatedBy: z.optional(z.string()),
  starred: z.optional(z.boolean()),
  path: z.optional(z.string()),
});

const json = z.record(z.string(), z.unknown());

/** A dashboard in the list of them. */
export interface DashboardEntry {
  uid: string;
  title: string;
  tags: string[];
  /** "" outside folders. */
  folderUid: string;
  folderTitle: string;
  version: number;
  /** RFC 3339, or "". */
  updated: string;
  updatedBy: string;
  /** Comes from a file, and cannot be saved. */
  provisioned: boolean;
  starred: boolean;
  /** Of the variables that were asked for, those it has. */
  variables: string[];
}

/** A dashboard as it is stored. */
export interface StoredDashboard {
  /** The JSON as it came in. */
  dashboard: Record<string, unknown>;
  meta: z.infer<typeof meta>;
  /** The library panels that it shows, as far as the server keeps them, by their uids. */
  library?: Record<string, unknown> | undefined;
}

export interface DashboardFilter {
  q?: string;
  tag?: readonly string[];
  folder?: string;
  starred?: boolean;
  /** Names of variables, of which it has one. */
  variable?: readonly string[];
}

const base = "/oriel/api/v1";

/** Dashboards that fit the filter, by title. */
export async function listDashboards(filter: DashboardFilter, signal?: AbortSignal): Promise<DashboardEntry[]> {
  const params: Params = { q: filter.q || undefined, tag: filter.tag, folder: filter.folder, starred: filter.starred ? "true" : undefined, variable: filter.variable };
  const answer = await fetchJSON(`${base}/dashboards`, z.object({ dashboards: z.nullable(z.array(summary)) }), { params, ...(signal ? { signal } : {}) });
  return (answer.dashboards ?? []).map((one) => ({
    uid: one.uid,
    title: one.title,
    tags: one.tags ?? [],
    folderUid: one.folderUid ?? "",
    folderTitle: one.folderTitle ?? "",
    version: one.version ?? 0,
    updated: one.updated ?? "",
    updatedBy: one.updatedBy ?? "",
    provisioned: one.provisioned ?? false,
    starred: one.starred ?? false,
    variables: one.variables ?? [],
  }));
}

/** One dashboard. */
export async function fetchDashboard(uid: string, signal?: AbortSignal): Promise<StoredDashboard> {
  return fetchJSON(`${base}/dashboards/${encodeURIComponent(uid)}`, z.object({ dashboard: json, meta, library: z.optional(json) }), signal ? { signal } : {});
}

const saved = z.object({ uid: z.optional(z.string()), version: z.number() });

/** What a new dashboard is stored with. */
export interface NewDashboard {
  dashboard: unknown;
  folderUid?: string;
  message?: string;
  /** Replaces one of the same uid. */
  overwrite?: boolean;
}

/**
 * Stores a dashboard that is not there yet; `text`, if given, is its JSON to be kept byte for byte. A conflict is an
 * ApiError of status 409 or 412.
 */
export async function createDashboard({ dashboard, ...rest }: NewDashboard, text?: string): Promise<{ uid: string; version: number }> {
  const body = new Encoded(`{"dashboard":${text ?? JSON.stringify(dashboard)},${JSON.stringify({ overwrite: false, ...rest }).slice(1)}`);
  const answer = await sendJSON("POST", `${base}/dashboards`, body, saved);
  return { uid: answer.uid ?? "", version: answer.version };
}

/** Stores a new version over `version`; an ApiError of status 412 says that somebody else was faster. */
export async function saveDashboard(uid: string, version: number, change: Omit<NewDashboard, "overwrite">): Promise<{ version: number }> {
  return sendJSON("PUT", `${base}/dashboards/${encodeURIComponent(uid)}`, change, saved, { "If-Match": String(version) });
}

export async function deleteDashboard(uid: string): Promise<void> {
  await sendJSON("DELETE", `${base}/dashboards/${encodeURIComponent(uid)}`, undefined, z.unknown());
}

const version = z.object({ version: z.number(), created: z.string(), createdBy: z.optional(z.string()), message: z.optional(z.string()) });

/** One stored version of a dashboard. */
export type DashboardVersion = z.infer<typeof version>;

/** The versions of a dashboard, newest first. */
export async function listVersions(uid: string, signal?: AbortSignal): Promise<DashboardVersion[]> {
  const answer = await fetchJSON(`${base}/dashboards/${encodeURIComponent(uid)}/versions`, z.object({ versions: z.nullable(z.array(version)) }), signal ? { signal } : {});
  return (answer.versions ?? []).toSorted((a, b) => b.version - a.version);
}

/** The JSON of one version. */
export async function fetchVersion(uid: string, number: number, signal?: AbortSignal): Promise<Record<string, unknown>> {
  const answer = await fetchJSON(`${base}/dashboards/${encodeURIComponent(uid)}/versions/${number}`, z.object({ dashboard: json }), signal ? { signal } : {});
  return answer.dashboard;
}

/** Makes an old version the newest. */
export async function restoreVersion(uid: string, number: number): Promise<{ version: number }> {
  return sendJSON("POST", `${base}/dashboards/${encodeURIComponent(uid)}/restore`, { version: number }, saved);
}

export async function starDashboard(uid: string, starred: boolean): Promise<void> {
  await sendJSON(starred ? "PUT" : "DELETE", `${base}/dashboards/${encodeURIComponent(uid)}/star`, undefined, z.unknown());
}

const folder = z.object({ uid: z.string(), title: z.string(), provisioned: z.optional(z.boolean()) });

/** A folder of dashboards. */
export type Folder = z.infer<typeof folder>;

export async function listFolders(signal?: AbortSignal): Promise<Folder[]> {
  const answer = await fetchJSON(`${base}/folders`, z.union([z.array(folder), z.object({ folders: z.nullable(z.array(folder)) })]), signal ? { signal } : {});
  return Array.isArray(answer) ? answer : (answer.folders ?? []);
}

export async function createFolder(title: string): Promise<Folder> {
  return sendJSON("POST", `${base}/folders`, { title }, folder);
}

const source = z.object({ uid: z.string(), name: z.string(), type: z.string(), url: z.string(), isDefault: z.optional(z.boolean()), editable: z.optional(z.boolean()) });

/** A data source as the server lists it; `url` comes before the paths of its API. */
export type ListedSource = z.infer<typeof source>;

export async function listSources(signal?: AbortSignal): Promise<ListedSource[]> {
  const answer = await fetchJSON(`${base}/datasources`, z.union([z.array(source), z.object({ datasources: z.array(source) })]), signal ? { signal } : {});
  return Array.isArray(answer) ? answer : answer.datasources;
}

const annotation = z.object({
  id: z.union([z.string(), z.number()]),
  time: z.number(),
  timeEnd: z.optional(z.nullable(z.number())),
  text: z.optional(z.string()),
  title: z.optional(z.string()),
  tags: z.optional(z.nullable(z.array(z.string()))),
  panelId: z.optional(z.nullable(z.number())),
});

/** A remark stored on the server; times are Unix milliseconds. */
export type StoredAnnotation = z.infer<typeof annotation>;

export async function listAnnotations(params: Params, signal?: AbortSignal): Promise<StoredAnnotation[]> {
  const answer = await fetchJSON(`${base}/annotations`, z.union([z.array(annotation), z.object({ annotations: z.nullable(z.array(annotation)) })]), { params, ...(signal ? { signal } : {}) });
  return Array.isArray(answer) ? answer : (answer.annotations ?? []);
}

/** JSON that is sent as it stands. */
class Encoded {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Sends JSON and decodes the answer; an empty one counts as an empty object. */
export async function sendJSON<T>(method: string, path: string, body: unknown, schema: z.ZodMiniType<T, unknown>, headers: Record<string, string> = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url(path), {
      method,
      headers: { Accept: "application/json", ...tenantHeaders(), ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: body instanceof Encoded ? body.text : JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError("The server cannot be reached. Is Oriel running, and the network up?", 0);
  }
  const text = await response.text();
  if (!response.ok) throw new ApiError(complaint(response.status, text, path), response.status);
  let raw: unknown;
  try {
    raw = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw new ApiError(`${path} answered with something that is not JSON.`, response.status);
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success) throw new ApiError(`${path} answered in an unknown shape.`, response.status);
  return parsed.data;
}
