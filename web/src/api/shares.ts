import * as z from "zod/mini";

import { fetchJSON } from "./client";
import { sendJSON } from "./dashboards";

const base = "/oriel/api/v1";

const snapshot = z.object({ key: z.string(), name: z.string(), created: z.string(), expires: z.nullable(z.string()), createdBy: z.string() });

/** A snapshot in the list of them; times are RFC 3339, `expires` is null for one that stays. */
export type SnapshotEntry = z.infer<typeof snapshot>;

export async function listSnapshots(signal?: AbortSignal): Promise<SnapshotEntry[]> {
  return (await fetchJSON(`${base}/snapshots`, z.object({ snapshots: z.array(snapshot) }), signal ? { signal } : {})).snapshots;
}

/** The JSON of a snapshot, and when it was taken. */
export async function fetchSnapshot(key: string, signal?: AbortSignal): Promise<{ dashboard: Record<string, unknown>; meta: SnapshotEntry }> {
  return fetchJSON(`${base}/snapshots/${encodeURIComponent(key)}`, z.object({ dashboard: z.record(z.string(), z.unknown()), meta: snapshot }), signal ? { signal } : {});
}

/** Keeps a dashboard with its data for `expires` seconds, 0 for good. Answers the key. */
export async function createSnapshot(made: { name: string; dashboard: unknown; expires: number }): Promise<string> {
  return (await sendJSON("POST", `${base}/snapshots`, made, z.object({ key: z.string() }))).key;
}

export async function deleteSnapshot(key: string): Promise<void> {
  await sendJSON("DELETE", `${base}/snapshots/${encodeURIComponent(key)}`, undefined, z.unknown());
}

const playlist = z.object({ uid: z.string(), name: z.string(), interval: z.string(), items: z.array(z.string()) });

/** Dashboards that are shown one after the other, by uid, each for `interval`: a duration of Prometheus. */
export type Playlist = z.infer<typeof playlist>;

export async function listPlaylists(signal?: AbortSignal): Promise<Playlist[]> {
  return (await fetchJSON(`${base}/playlists`, z.object({ playlists: z.array(playlist) }), signal ? { signal } : {})).playlists;
}

/** Stores a playlist; one without a uid is new. */
export async function savePlaylist({ uid, ...rest }: Playlist): Promise<string> {
  const answered = z.object({ uid: z.string() });
  return (await (uid === "" ? sendJSON("POST", `${base}/playlists`, rest, answered) : sendJSON("PUT", `${base}/playlists/${encodeURIComponent(uid)}`, rest, answered))).uid;
}

export async function deletePlaylist(uid: string): Promise<void> {
  await sendJSON("DELETE", `${base}/playlists/${encodeURIComponent(uid)}`, undefined, z.unknown());
}

/** What an annotation says; times are Unix milliseconds, `timeEnd` is `time` for a point. */
export interface AnnotationText {
  dashboardUID: string;
  /** 0 for the whole dashboard. */
  panelId: number;
  time: number;
  timeEnd: number;
  text: string;
  tags: string[];
}

/** Stores an annotation, over the one of `id` where that is given. */
export async function saveAnnotation(made: AnnotationText, id?: number | string): Promise<void> {
  await (id === undefined ? sendJSON("POST", `${base}/annotations`, made, z.unknown()) : sendJSON("PUT", `${base}/annotations/${id}`, made, z.unknown()));
}

export async function deleteAnnotation(id: number | string): Promise<void> {
  await sendJSON("DELETE", `${base}/annotations/${id}`, undefined, z.unknown());
}

/** Renames a folder. */
export async function renameFolder(uid: string, title: string): Promise<void> {
  await sendJSON("PUT", `${base}/folders/${encodeURIComponent(uid)}`, { title, overwrite: true }, z.unknown());
}

/** Removes a folder with all that is in it, and tells how many dashboards that were. */
export async function deleteFolder(uid: string): Promise<number> {
  return (await sendJSON("DELETE", `${base}/folders/${encodeURIComponent(uid)}`, undefined, z.object({ dashboards: z.number() }))).dashboards;
}
