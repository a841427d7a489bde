import { useState } from "react";

import classes from "./LabelPills.module.css";

// What tells most comes first; the rest follows by name.
const first = ["severity", "service", "service_name", "job", "namespace", "pod", "instance"];

// More are counted until they are wanted.
const most = 8;

/** Labels as small pills, in an order that is the same everywhere; of many the first, and how many more there are. */
export function LabelPills({ labels, omit = [] }: { labels: Readonly<Record<string, string>>; omit?: readonly string[] }) {
  const keys = Object.keys(labels)
    .filter((key) => !omit.includes(key))
    .toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  const [all, setAll] = useState(false);
  const shown = all || keys.length <= most + 1 ? keys : keys.slice(0, most);
  return (
    <span className={classes.pills}>
      {shown.map((key) => (
        <span key={key} className={classes.pill}>
          <span className={classes.key}>{key}=</span>
          {labels[key]}
        </span>
      ))}
      {shown.length < keys.length && (
        <button
          type="button"
          className={classes.more}
          aria-label={`Show ${keys.length - shown.length} more labels`}
          onClick={(event) => {
            event.stopPropagation();
            setAll(true);
          }}
        >
          +{keys.length - shown.length}
        </button>
      )}
    </span>
  );
}

function rank(key: string): number {
  const at = first.indexOf(key);
  return at < 0 ? first.length : at;
}
