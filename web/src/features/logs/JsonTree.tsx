import { ActionIcon, TextInput } from "@mantine/core";
import IconBraces from "@tabler/icons-react/dist/esm/icons/IconBraces.mjs";
import IconCopy from "@tabler/icons-react/dist/esm/icons/IconCopy.mjs";
import IconMinus from "@tabler/icons-react/dist/esm/icons/IconMinus.mjs";
import IconPlus from "@tabler/icons-react/dist/esm/icons/IconPlus.mjs";
import IconTableColumn from "@tabler/icons-react/dist/esm/icons/IconTableColumn.mjs";
import { useMemo, useState } from "react";

import { announce } from "../../components/announce";
import { copyText } from "../../components/clipboard";
import { NumberText } from "../../lib/exactJson";
import { fieldName, findInJson, isLeaf, membersOf, pathText, type JsonPath } from "../../lib/jsonPath";
import classes from "./JsonTree.module.css";

// Deeper levels open on a click.
const OPEN_DEPTH = 2;
// Members of one object or list that are drawn at once.
const MEMBERS = 200;

/** What can be done with a value that LogQL has a name for. */
export interface JsonActions {
  columns: readonly string[];
  onColumn(name: string): void;
  onFilter(name: string, value: string, op: "=" | "!="): void;
}

/** A JSON document as a tree that folds, is searched, and whose values filter the lines. */
export function JsonTree({ value, actions }: { value: unknown; actions: JsonActions }) {
  const [find, setFind] = useState("");
  const wanted = find.trim();
  const found = useMemo(() => (wanted === "" ? undefined : findInJson(value, wanted)), [value, wanted]);
  return (
    <>
      <TextInput size="xs" className={classes.find} aria-label="Find in the JSON" placeholder="Find a name or a value" value={find} onChange={(event) => setFind(event.currentTarget.value)} />
      {found?.size === 0 ? (
        <p className={classes.none}>Nothing in it is called that, or has that value.</p>
      ) : (
        <ul className={classes.tree} role="tree" aria-label="JSON">
          <Node value={value} path={[]} found={found} actions={actions} />
        </ul>
      )}
    </>
  );
}

interface NodeProps {
  value: unknown;
  path: JsonPath;
  /** Paths of what is looked for; everything without it. */
  found: ReadonlySet<string> | undefined;
  actions: JsonActions;
}

function Node(props: NodeProps) {
  return isLeaf(props.value) ? <Leaf {...props} /> : <Branch {...props} value={props.value as object} />;
}

function Name({ path }: { path: JsonPath }) {
  const name = path.at(-1);
  return name === undefined ? null : <span className={classes.name}>{name}: </span>;
}

function Branch({ value, path, found, actions }: NodeProps & { value: object }) {
  const [open, setOpen] = useState(path.length < OPEN_DEPTH);
  const [all, setAll] = useState(false);
  const every = membersOf(value);
  const members = found ? every.filter(([part]) => found.has(pathText([...path, part]))) : every;
  const [before, after] = Array.isArray(value) ? "[]" : "{}";
  const shown = all ? members : members.slice(0, MEMBERS);
  const isOpen = open || (found !== undefined && members.length > 0);
  return (
    <li role="treeitem" aria-expanded={isOpen}>
      <span className={classes.row}>
        <button type="button" className={classes.toggle} onClick={() => setOpen(!isOpen)}>
          <span aria-hidden="true">{isOpen ? "▾ " : "▸ "}</span>
          <Name path={path} />
          <span className={classes.summary}>{isOpen ? before : `${before} ${every.length} ${after}`}</span>
        </button>
        {path.length > 0 && <Copies path={path} value={JSON.stringify(value, plain)} />}
      </span>
      {isOpen && (
        <ul role="group" className={classes.members}>
          {shown.map(([part, member]) => (
            <Node key={part} value={member} path={[...path, part]} found={found} actions={actions} />
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
      {isOpen && <span className={classes.summary}>{after}</span>}
    </li>
  );
}

function Leaf({ value, path, actions: { columns, onColumn, onFilter } }: NodeProps) {
  const kind = value instanceof NumberText ? "number" : value === null ? "null" : typeof value;
  const name = fieldName(path, value);
  const text = String(value);
  return (
    <li role="treeitem" className={classes.leaf}>
      <Name path={path} />
      <span data-kind={kind} className={classes.value}>
        {value instanceof NumberText ? value.text : JSON.stringify(value)}
      </span>
      <span className={classes.actions}>
        {name !== undefined && (
          <>
            <ActionIcon size="xs" variant="subtle" aria-label={`Only ${name} = ${text}`} title="Only these (+)" data-filter="in" onClick={() => onFilter(name, text, "=")}>
              <IconPlus size={12} />
            </ActionIcon>
            <ActionIcon size="xs" variant="subtle" aria-label={`Without ${name} = ${text}`} title="Without these (-)" data-filter="out" onClick={() => onFilter(name, text, "!=")}>
              <IconMinus size={12} />
            </ActionIcon>
            <ActionIcon size="xs" variant="subtle" aria-label={`${name} as a column`} title="As a column" aria-pressed={columns.includes(name)} onClick={() => onColumn(name)}>
              <IconTableColumn size={12} />
            </ActionIcon>
          </>
        )}
      </span>
      {path.length > 0 && <Copies path={path} value={text} />}
    </li>
  );
}

function Copies({ path, value }: { path: JsonPath; value: string }) {
  const where = pathText(path);
  const copy = (text: string, what: string): void => void copyText(text).then(() => announce(`${what} copied.`));
  return (
    <span className={classes.actions}>
      <ActionIcon size="xs" variant="subtle" aria-label={`Copy the value of ${where}`} title="Copy the value" onClick={() => copy(value, "Value")}>
        <IconCopy size={12} />
      </ActionIcon>
      <ActionIcon size="xs" variant="subtle" aria-label={`Copy the path ${where}`} title="Copy the path" onClick={() => copy(where, "Path")}>
        <IconBraces size={12} />
      </ActionIcon>
    </span>
  );
}

/** For JSON.stringify: numbers that were kept as text are numbers again, as far as a double goes. */
function plain(_: string, value: unknown): unknown {
  return value instanceof NumberText ? Number(value.text) : value;
}
