import { useComputedColorScheme } from "@mantine/core";
import { lazy, Suspense, useMemo, useState } from "react";

import { Loading } from "../../components/status";
import { TraceDrawer } from "../../components/trace/TraceDrawer";
import { useUrlState } from "../../components/useUrlState";
import { strokes } from "../../lib/colour";
import { foldedKeys, toggleFolds } from "../../lib/traceFolding";
import { findSpans, ORPHAN_ROW, type TraceTree } from "../../lib/traceTree";
import { SpanDetail } from "./SpanDetail";
import { traceState } from "./state";
import { TraceHead } from "./TraceHead";
import { TraceTools } from "./TraceTools";
import { traceWindow } from "./traceWindow";
import { useEscape } from "./useEscape";
import { WaterfallView } from "./WaterfallView";
import classes from "./trace.module.css";

// Few look at more than the waterfall of most traces.
const FlameView = lazy(async () => ({ default: (await import("./FlameView")).FlameView }));
const OperationTable = lazy(async () => ({ default: (await import("./OperationTable")).OperationTable }));
const TraceMap = lazy(async () => ({ default: (await import("./TraceMap")).TraceMap }));
const VersusView = lazy(async () => ({ default: (await import("./VersusView")).VersusView }));

interface TraceViewProps {
  id: string;
  tree: TraceTree;
  /** Why the trace may not be whole; empty if it is. */
  note: string;
}

/** A trace in one of its views, with what is known of the chosen span beside it. */
export function TraceView({ id, tree, note }: TraceViewProps) {
  const scheme = useComputedColorScheme("light");
  const [state, set] = useUrlState(traceState);
  const collapsed = useMemo(() => foldedKeys(tree, state.fold), [tree, state.fold]);
  const [active, setActive] = useState(state.span);
  const matches = useMemo(() => findSpans(tree, state.find), [tree, state.find]);
  const matched = useMemo(() => new Set(matches.map((node) => node.key)), [matches]);
  const byKey = useMemo(() => new Map(tree.nodes.map((node) => [node.key, node])), [tree]);
  const colours = useMemo(() => {
    const looks = strokes(tree.services, scheme);
    return new Map(tree.services.map((service, index) => [service, looks[index]?.colour ?? ""]));
  }, [tree, scheme]);
  const open = byKey.get(state.span);
  const window = traceWindow(tree);
  const [peek = "", peekSpan] = state.peek.split(":");

  const openSpan = (key: string, fold = state.fold) => {
    setActive(key);
    if (byKey.has(key)) set({ span: key, fold }, { replace: state.span !== "" });
  };
  /** Shows a span wherever it is: the rows above it are opened. */
  const reveal = (key: string) => {
    const above: string[] = [];
    for (let node = byKey.get(key); node; node = node.parent) {
      if (node.key !== key && collapsed.has(node.key)) above.push(node.key);
      if (node.orphan && collapsed.has(ORPHAN_ROW)) above.push(ORPHAN_ROW);
    }
    openSpan(key, toggleFolds(state.fold, above));
  };
  useEscape(() => {
    if (state.span !== "") set({ span: "" });
  });

  return (
    <div className={classes.page}>
      <TraceHead id={id} tree={tree} note={note} window={window} vs={state.vs} onVersus={(vs) => set({ vs })} />
      {state.vs !== "" ? (
        <Suspense fallback={<Loading height={320} what="the comparison" />}>
          <VersusView id={id} tree={tree} vs={state.vs} onEnd={() => set({ vs: "" })} />
        </Suspense>
      ) : (
        <>
          <TraceTools tree={tree} colours={colours} state={state} set={set} matches={matches} active={active} onReveal={reveal} />
          <div className={classes.body}>
            <Suspense fallback={<Loading height={320} what="this view" />}>
              {state.view === "flame" ? (
                <FlameView tree={tree} colours={colours} matched={matched} top={state.top} onTop={(top) => set({ top })} onOpen={(key) => openSpan(key)} />
              ) : state.view === "table" ? (
                <OperationTable tree={tree} colours={colours} open={state.span} onOpen={(key) => openSpan(key)} />
              ) : state.view === "map" ? (
                <TraceMap tree={tree} colours={colours} onService={(find) => set({ view: "waterfall", find })} />
              ) : (
                <WaterfallView
                  tree={tree}
                  colours={colours}
                  state={state}
                  set={set}
                  matched={matched}
                  collapsed={collapsed}
                  onToggle={(key) => set({ fold: toggleFolds(state.fold, [key]) }, { replace: true })}
                  active={active}
                  onActive={setActive}
                  onOpen={(key) => openSpan(key)}
                />
              )}
            </Suspense>
            {open && (
              <SpanDetail
                node={open}
                tree={tree}
                window={window}
                onClose={() => set({ span: "" })}
                onSpan={reveal}
                tab={state.detail}
                onTab={(detail) => set({ detail }, { replace: true })}
                onTrace={(trace, span) => set({ peek: span === "" ? trace : `${trace}:${span}` })}
                whole
              />
            )}
          </div>
        </>
      )}
      <TraceDrawer traceId={peek} spanId={peekSpan} onClose={() => set({ peek: "" })} />
    </div>
  );
}
