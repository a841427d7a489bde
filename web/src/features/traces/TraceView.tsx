import { ActionIcon, Switch, TextInput, useComputedColorScheme } from "@mantine/core";
import IconChevronDown from "@tabler/icons-react/dist/esm/icons/IconChevronDown.mjs";
import IconChevronUp from "@tabler/icons-react/dist/esm/icons/IconChevronUp.mjs";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import { StateBadge } from "../../components/StateBadge";
import { useTime } from "../../components/time/TimeContext";
import { useListKeys } from "../../components/useListKeys";
import { useUrlState } from "../../components/useUrlState";
import { strokes } from "../../lib/colour";
import { logsPlace } from "../../lib/links";
import { linesOfTrace } from "../../lib/logqlEdit";
import { formatTime, nanoToMs } from "../../lib/timeFormat";
import { findSpans, visibleRows, type SpanNode, type Stretch, type TraceTree } from "../../lib/traceTree";
import { formatNanoSpan, group } from "../../lib/units";
import { Minimap } from "./Minimap";
import { SpanDetail } from "./SpanDetail";
import { traceState } from "./state";
import { traceWindow } from "./traceWindow";
import { Waterfall } from "./Waterfall";
import classes from "./trace.module.css";

interface TraceViewProps {
  id: string;
  tree: TraceTree;
  /** Why the trace may not be whole; empty if it is. */
  note: string;
}

/** A trace as a waterfall, with what is known of the chosen span beside it. */
export function TraceView({ id, tree, note }: TraceViewProps) {
  const { zone } = useTime();
  const scheme = useComputedColorScheme("light");
  const [state, set] = useUrlState(traceState);
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState(state.span);
  const [zoom, setZoom] = useState<Stretch>();
  const shown = zoom ?? { from: 0, to: tree.duration };

  const rows = useMemo(() => visibleRows(tree, collapsed), [tree, collapsed]);
  const matches = useMemo(() => findSpans(tree, state.find), [tree, state.find]);
  const matched = useMemo(() => new Set(matches.map((node) => node.key)), [matches]);
  const colours = useMemo(() => {
    const looks = strokes(tree.services, scheme);
    return new Map(tree.services.map((service, index) => [service, looks[index]?.colour ?? ""]));
  }, [tree, scheme]);
  const root = tree.roots[0] ?? tree.orphans[0];
  const open = tree.nodes.find((node) => node.key === state.span);
  const window = traceWindow(tree);

  const toggle = (key: string) => {
    const next = new Set(collapsed);
    if (!next.delete(key)) next.add(key);
    setCollapsed(next);
  };
  const openSpan = (key: string) => {
    setActive(key);
    if (tree.nodes.some((node) => node.key === key)) set({ span: key }, { replace: state.span !== "" });
  };
  /** Shows a span wherever it is: the rows above it are opened. */
  const reveal = (key: string) => {
    const next = new Set(collapsed);
    for (let node = tree.nodes.find((one) => one.key === key)?.parent; node; node = node.parent) next.delete(node.key);
    setCollapsed(next);
    openSpan(key);
  };
  const stepMatch = (by: 1 | -1) => {
    const at = matches.findIndex((node) => node.key === active);
    const next = matches[at < 0 ? 0 : (at + by + matches.length) % matches.length];
    if (next) reveal(next.key);
  };
  const activeRow = rows.findIndex((row) => row.key === active);
  const go = (index: number) => {
    const next = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    if (!next) return;
    setActive(next.key);
    if (open && next.kind === "span") set({ span: next.key }, { replace: true });
  };
  const fold = (close: boolean) => {
    const row = rows[activeRow];
    if (!row) return;
    if (row.expanded === close) toggle(row.key);
    else if (close && row.kind === "span" && row.node.parent) setActive(row.node.parent.key);
  };
  useListKeys({
    onMove: (by) => go(activeRow < 0 ? 0 : activeRow + by),
    onOpen: () => (rows[activeRow]?.kind === "orphans" ? toggle(active) : openSpan(active)),
    onClose: () => {
      if (state.span !== "") set({ span: "" });
    },
    extra: {
      ArrowLeft: () => fold(true),
      ArrowRight: () => fold(false),
      c: () => rows[activeRow]?.expanded !== undefined && toggle(active),
      p: () => set({ path: !state.path }, { replace: true }),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      "[": () => go(activeRow - 1),
      "]": () => go(activeRow + 1),
    },
  });

  return (
    <div className={classes.page}>
      <header className={classes.summary}>
        <h2 className={classes.name}>
          <span className={classes.service}>{root?.span.service}</span> {root?.span.name}
        </h2>
        {tree.errors > 0 ? <StateBadge tone="error">{`${group(tree.errors)} failed`}</StateBadge> : <StateBadge tone="ok">ok</StateBadge>}
        <span className={classes.fact}>
          <strong>{formatNanoSpan(tree.duration)}</strong>
        </span>
        <span className={classes.fact}>
          {group(tree.nodes.length)} spans · {tree.services.length} {tree.services.length === 1 ? "service" : "services"} · depth {tree.depth}
        </span>
        <time className={classes.fact}>{formatTime(nanoToMs(tree.start), zone, true)}</time>
        <Link {...logsPlace(linesOfTrace(id), window)}>Logs of this trace</Link>
        {note !== "" && <StateBadge tone="warn">{note}</StateBadge>}
      </header>
      <div className={classes.tools}>
        <ul className={classes.services} aria-label="Services">
          {tree.services.map((service) => (
            <li key={service} className={classes.legend}>
              <span className={classes.swatch} style={{ background: colours.get(service) }} aria-hidden="true" />
              {service}
            </li>
          ))}
        </ul>
        <Switch
          size="xs"
          label="Critical path"
          title="The spans that the end of the trace was waiting for (p)"
          checked={state.path}
          onChange={(event) => set({ path: event.currentTarget.checked }, { replace: true })}
        />
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
          <output className={classes.count}>
            {state.find.trim() === "" ? "" : matchStatus(matches, active)}
          </output>
          <ActionIcon aria-label="Previous match" disabled={matches.length === 0} onClick={() => stepMatch(-1)}>
            <IconChevronUp size={16} />
          </ActionIcon>
          <ActionIcon aria-label="Next match" disabled={matches.length === 0} onClick={() => stepMatch(1)}>
            <IconChevronDown size={16} />
          </ActionIcon>
        </search>
      </div>
      <Minimap tree={tree} colours={colours} shown={shown} onShow={setZoom} />
      <div className={classes.body}>
        <Waterfall
          rows={rows}
          colours={colours}
          shown={shown}
          active={active}
          open={open?.key ?? ""}
          matched={matched}
          path={state.path}
          onOpen={openSpan}
          onToggle={toggle}
        />
        {open && <SpanDetail node={open} tree={tree} window={window} onClose={() => set({ span: "" })} onSpan={reveal} />}
      </div>
    </div>
  );
}

function matchStatus(matches: readonly SpanNode[], active: string): string {
  if (matches.length === 0) return "none";
  const at = matches.findIndex((node) => node.key === active);
  return at < 0 ? `${group(matches.length)} found` : `${at + 1}/${matches.length}`;
}
