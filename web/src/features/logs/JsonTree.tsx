import { useState } from "react";

import { NumberText } from "../../lib/exactJson";
import classes from "./JsonTree.module.css";

// Deeper levels open on a click.
const OPEN_DEPTH = 2;
// Members of one object or list that are drawn at once.
const MEMBERS = 200;

/** A JSON document as a tree that folds. */
export function JsonTree({ value }: { value: unknown }) {
  return (
    <ul className={classes.tree} role="tree" aria-label="JSON">
      <Node value={value} depth={0} />
    </ul>
  );
}

function Node({ name, value, depth }: { name?: string; value: unknown; depth: number }) {
  const [open, setOpen] = useState(depth < OPEN_DEPTH);
  const [all, setAll] = useState(false);
  const label = name === undefined ? null : <span className={classes.name}>{name}: </span>;
  if (typeof value !== "object" || value === null || value instanceof NumberText) {
    const kind = value instanceof NumberText ? "number" : value === null ? "null" : typeof value;
    return (
      <li role="treeitem" className={classes.leaf}>
        {label}
        <span data-kind={kind} className={classes.value}>
          {value instanceof NumberText ? value.text : JSON.stringify(value)}
        </span>
      </li>
    );
  }
  const members = Object.entries(value);
  const [before, after] = Array.isArray(value) ? "[]" : "{}";
  const shown = all ? members : members.slice(0, MEMBERS);
  return (
    <li role="treeitem" aria-expanded={open}>
      <button type="button" className={classes.toggle} onClick={() => setOpen(!open)}>
        <span aria-hidden="true">{open ? "▾ " : "▸ "}</span>
        {label}
        <span className={classes.summary}>{open ? before : `${before} ${members.length} ${after}`}</span>
      </button>
      {open && (
        <ul role="group" className={classes.members}>
          {shown.map(([key, member]) => (
            <Node key={key} name={key} value={member} depth={depth + 1} />
          ))}
          {shown.length < members.length && (
            <li role="none">
              <button type="button" className={classes.toggle} onClick={() => setAll(true)}>
                Show {members.length - shown.length} more
              </button>
            </li>
          )}
        </ul>
      )}
      {open && <span className={classes.summary}>{after}</span>}
    </li>
  );
}
