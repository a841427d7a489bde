import { useMemo, useState } from "react";

import { diffDashboards, diffLines } from "../../../lib/dashboard/diff";
import type { Obj } from "../../../lib/dashboard/json";
import classes from "./edit.module.css";

const signs = { same: " ", added: "+", removed: "−", skipped: "…" } as const;

/** What differs between two versions: panels by their names, and the JSON line by line. */
export function DiffView({ before, after }: { before: Obj; after: Obj }) {
  const [lines, setLines] = useState(false);
  const diff = useMemo(() => diffDashboards(before, after), [before, after]);
  const text = useMemo(() => (lines ? diffLines(JSON.stringify(before, null, 2), JSON.stringify(after, null, 2)) : []), [lines, before, after]);
  const none = diff.added.length + diff.removed.length + diff.changed.length + diff.own.length === 0;
  return (
    <div className={classes.diff}>
      {none ? (
        <p className={classes.note}>Nothing differs.</p>
      ) : (
        <ul>
          {diff.added.map((title, index) => (
            <li key={`added ${index} ${title}`}>Added: {title}</li>
          ))}
          {diff.removed.map((title, index) => (
            <li key={`removed ${index} ${title}`}>Removed: {title}</li>
          ))}
          {diff.changed.map(({ title, what }, index) => (
            <li key={`changed ${index} ${title}`}>
              {title}: {what.join(", ")}
            </li>
          ))}
          {diff.own.length > 0 && <li>The dashboard: {diff.own.join(", ")}</li>}
        </ul>
      )}
      {!none && (
        <button type="button" className={classes.linkButton} aria-expanded={lines} onClick={() => setLines(!lines)}>
          {lines ? "Hide the lines" : "Show the lines"}
        </button>
      )}
      {lines && (
        <pre className={classes.lines}>
          {text.map((line, index) => (
            // Lines have no identity but their place.
            // oxlint-disable-next-line react/no-array-index-key
            <div key={index} data-kind={line.kind}>
              {signs[line.kind]} {line.text}
            </div>
          ))}
        </pre>
      )}
    </div>
  );
}
