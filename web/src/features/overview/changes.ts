import type { DashboardEntry, StoredAnnotation } from "../../api/dashboards";
import { whatChanged, type RuleChange } from "../../api/rules";
import type { Deploy } from "../../api/services";
import { address } from "../../lib/foreign/address";
import type { TimeRange } from "../../lib/time";
import { nanoToMs } from "../../lib/timeFormat";

/** Something that somebody did, or that began, and that may be why. */
export interface Change {
  /** Unix milliseconds. */
  time: number;
  /** What it was: "deploy", "rule changed". */
  what: string;
  text: string;
  /** Address within the page. */
  to: string | undefined;
}

interface Found {
  deploys: readonly Deploy[];
  notes: readonly StoredAnnotation[];
  dashboards: readonly DashboardEntry[];
  rules: readonly RuleChange[];
}

const by = (author = ""): string => (author === "" ? "" : ` by ${author}`);

/** The changes within `range`, newest first. */
export function changesOf(range: TimeRange, { deploys, notes, dashboards, rules }: Found): Change[] {
  const all: Change[] = [
    ...deploys.map(({ service, version, previous, time }): Change => ({
      time: nanoToMs(time),
      what: "deploy",
      text: `${service} ${version}${previous === "" ? "" : `, before ${previous}`}`,
      to: `/services/${encodeURIComponent(service)}`,
    })),
    ...notes.map(({ time, text, title, tags }): Change => ({ time, what: "note", text: [title, text].filter(Boolean).join(": ") || (tags ?? []).join(", "), to: undefined })),
    ...dashboards.flatMap(({ updated, updatedBy, title, uid }): Change[] =>
      updated === "" ? [] : [{ time: Date.parse(updated), what: "dashboard edited", text: `${title}${by(updatedBy)}`, to: `/d/${encodeURIComponent(uid)}` }],
    ),
    ...rules.map((one): Change => {
      const { time, action, kind, name, author } = one;
      return {
        time: Date.parse(time),
        what: whatChanged(one),
        text: `${name}${by(author)}`,
        // A namespace has no place on the page, and what was deleted has none any more.
        to: action === "deleted" || kind === "namespace" ? undefined : address("/alerts", { tab: "rules", filter: name }),
      };
    }),
  ];
  return all.filter(({ time }) => time >= range.from && time < range.to).toSorted((a, b) => b.time - a.time);
}
