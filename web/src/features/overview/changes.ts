import type { DashboardEntry, StoredAnnotation } from "../../api/dashboards";
import type { Deploy } from "../../api/services";
import type { TimeRange } from "../../lib/time";
import { nanoToMs } from "../../lib/timeFormat";

/** Something that somebody did, or that began, and that may be why. */
export interface Change {
  /** Unix milliseconds. */
  time: number;
  kind: "deploy" | "note" | "dashboard";
  text: string;
  /** Address within the page. */
  to: string | undefined;
}

/** The changes within `range`, newest first. */
export function changesOf(range: TimeRange, deploys: readonly Deploy[], notes: readonly StoredAnnotation[], dashboards: readonly DashboardEntry[]): Change[] {
  const all: Change[] = [
    ...deploys.map(({ service, version, previous, time }): Change => ({
      time: nanoToMs(time),
      kind: "deploy",
      text: `${service} ${version}${previous === "" ? "" : `, before ${previous}`}`,
      to: `/services/${encodeURIComponent(service)}`,
    })),
    ...notes.map(({ time, text, title, tags }): Change => ({ time, kind: "note", text: [title, text].filter(Boolean).join(": ") || (tags ?? []).join(", "), to: undefined })),
    ...dashboards.flatMap(({ updated, updatedBy, title, uid }): Change[] =>
      updated === "" ? [] : [{ time: Date.parse(updated), kind: "dashboard", text: `${title}${updatedBy === "" ? "" : ` by ${updatedBy}`}`, to: `/d/${encodeURIComponent(uid)}` }],
    ),
  ];
  return all.filter(({ time }) => time >= range.from && time < range.to).toSorted((a, b) => b.time - a.time);
}
