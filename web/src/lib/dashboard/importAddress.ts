/** Where a dashboard is that was named rather than pasted. */
export type ImportAddress =
  /** On this server: what answers with its JSON. */
  | { kind: "here"; path: string }
  /** In Grafana's gallery, which this page may not ask: where people download it. */
  | { kind: "gallery"; id: string; download: string };

/** Reads the path or address of a dashboard on this server, or the number or address of one in Grafana's gallery. Undefined for anything else. */
export function importAddress(text: string, origin: string): ImportAddress | undefined {
  const written = text.trim();
  if (/\s/.test(written) || written === "") return undefined;
  const id = /^(\d{1,6})$/.exec(written)?.[1] ?? /^https?:\/\/(?:www\.)?grafana\.com\/(?:grafana\/|api\/)?dashboards\/(\d+)/.exec(written)?.[1];
  if (id !== undefined) return { kind: "gallery", id, download: `https://grafana.com/api/dashboards/${id}/revisions/latest/download` };
  const path = written.startsWith("/") && !written.startsWith("//") ? written : written.startsWith(`${origin}/`) ? written.slice(origin.length) : undefined;
  if (path === undefined) return undefined;
  const uid = /(?:^|\/)d\/([^/?#]+)/.exec(path)?.[1];
  return { kind: "here", path: uid === undefined ? path : `/oriel/api/v1/dashboards/${uid}/export` };
}
