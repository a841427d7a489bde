import classes from "./LabelPills.module.css";

// What tells most comes first; the rest follows by name.
const first = ["severity", "service", "service_name", "job", "namespace", "pod", "instance"];

/** Labels as small pills, in an order that is the same everywhere. */
export function LabelPills({ labels, omit = [] }: { labels: Readonly<Record<string, string>>; omit?: readonly string[] }) {
  const keys = Object.keys(labels)
    .filter((key) => !omit.includes(key))
    .toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  return (
    <span className={classes.pills}>
      {keys.map((key) => (
        <span key={key} className={classes.pill}>
          <span className={classes.key}>{key}=</span>
          {labels[key]}
        </span>
      ))}
    </span>
  );
}

function rank(key: string): number {
  const at = first.indexOf(key);
  return at < 0 ? first.length : at;
}
