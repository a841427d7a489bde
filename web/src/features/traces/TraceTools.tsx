import { ActionIcon, Button, Menu, SegmentedControl, Switch, TextInput } from "@mantine/core";
import IconChevronDown from "@tabler/icons-react/dist/esm/icons/IconChevronDown.mjs";
import IconChevronUp from "@tabler/icons-react/dist/esm/icons/IconChevronUp.mjs";

import type { SpanNode, TraceTree } from "../../lib/traceTree";
import { group } from "../../lib/units";
import type { TraceState } from "./state";
import classes from "./trace.module.css";

const views: { value: TraceState["view"]; label: string }[] = [
  { value: "waterfall", label: "Waterfall" },
  { value: "flame", label: "Flame" },
  { value: "table", label: "Table" },
  { value: "map", label: "Map" },
];
const levels = [1, 2, 3, 5];

interface TraceToolsProps {
  tree: TraceTree;
  /** Colour by service. */
  colours: ReadonlyMap<string, string>;
  state: TraceState;
  set(patch: Partial<TraceState>, options?: { replace?: boolean }): void;
  /** What the search in the trace found. */
  matches: readonly SpanNode[];
  /** Key of the row under the keyboard. */
  active: string;
  /** Shows a span wherever it is. */
  onReveal(key: string): void;
}

/** How a trace is looked at: its view, what is folded, and what is searched for in it. */
export function TraceTools({ tree, colours, state, set, matches, active, onReveal }: TraceToolsProps) {
  const stepMatch = (by: 1 | -1) => {
    const at = matches.findIndex((node) => node.key === active);
    const next = matches[at < 0 ? 0 : (at + by + matches.length) % matches.length];
    if (next) onReveal(next.key);
  };
  return (
    <div className={classes.tools}>
      <SegmentedControl size="xs" aria-label="View" value={state.view} onChange={(value) => set({ view: value as TraceState["view"] })} data={views} />
      {state.view === "waterfall" && (
        <>
          <FoldMenu tree={tree} onFold={(fold) => set({ fold }, { replace: true })} />
          <Switch
            size="xs"
            label="Critical path"
            title="The spans that the end of the trace was waiting for (p)"
            checked={state.path}
            onChange={(event) => set({ path: event.currentTarget.checked }, { replace: true })}
          />
        </>
      )}
      <ul className={classes.services} aria-label="Services">
        {tree.services.map((service) => (
          <li key={service} className={classes.legend} title={service}>
            <span className={classes.swatch} style={{ background: colours.get(service) }} aria-hidden="true" />
            <bdi>{service}</bdi>
          </li>
        ))}
      </ul>
      <search className={classes.find}>
        <TextInput
          data-search=""
          aria-label="Find in this trace"
          placeholder="Find name, service, attribute"
          value={state.find}
          onChange={(event) => set({ find: event.currentTarget.value }, { replace: true })}
          onKeyDown={(event) => {
            if (event.key === "Enter") stepMatch(event.shiftKey ? -1 : 1);
          }}
        />
        <output className={classes.count}>{state.find.trim() === "" ? "" : matchStatus(matches, active)}</output>
        <ActionIcon aria-label="Previous match" disabled={matches.length === 0} onClick={() => stepMatch(-1)}>
          <IconChevronUp size={16} />
        </ActionIcon>
        <ActionIcon aria-label="Next match" disabled={matches.length === 0} onClick={() => stepMatch(1)}>
          <IconChevronDown size={16} />
        </ActionIcon>
      </search>
    </div>
  );
}

function FoldMenu({ tree, onFold }: { tree: TraceTree; onFold(folding: string): void }) {
  return (
    <Menu position="bottom-start" shadow="md" withinPortal keepMounted={false}>
      <Menu.Target>
        <Button size="compact-xs" variant="default">
          Fold…
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onFold("")}>Unfold all</Menu.Item>
        {levels
          .filter((level) => level < tree.depth)
          .map((level) => (
            <Menu.Item key={level} onClick={() => onFold(String(level))}>
              {level === 1 ? "Only the top" : `Down to level ${level}`}
            </Menu.Item>
          ))}
        {tree.services.length > 1 && <Menu.Item onClick={() => onFold("insides")}>What stays within a service</Menu.Item>}
        {tree.errors > 0 && <Menu.Item onClick={() => onFold("sound")}>All but what failed</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}

function matchStatus(matches: readonly SpanNode[], active: string): string {
  if (matches.length === 0) return "none";
  const at = matches.findIndex((node) => node.key === active);
  return at < 0 ? `${group(matches.length)} found` : `${at + 1}/${matches.length}`;
}
