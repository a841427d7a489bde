import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";

import { Notice } from "../../components/Notice";
import { usePageActions } from "../../components/pageActions";
import { Empty, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useUrlState } from "../../components/useUrlState";
import type { Source } from "../../lib/dashboard/datasource";
import type { Obj } from "../../lib/dashboard/json";
import type { PanelModel } from "../../lib/dashboard/model";
import { duplicatePanel, linkPanel, movePanel, onGrid, placePanel, placeRow, removePanel } from "../../lib/dashboard/edit";
import { rawPanelOf } from "../../lib/dashboard/rawPanel";
import { boot } from "../../lib/boot";
import { readDashboard } from "../../lib/dashboard/read";
import { placeSections } from "../../lib/dashboard/repeat";
import { pageScope } from "../../lib/dashboard/scopes";
import { formatTime } from "../../lib/timeFormat";
import { repeatValues, variableScope } from "../../lib/dashboard/variables";
import { panelTypes } from "../../viz/registry";
import { AnnotationToggles } from "./annotations/AnnotationToggles";
import { useAnnotations } from "./annotations/useAnnotations";
import { DashboardContext, type DashboardShared } from "./DashboardContext";
import { EditorContext, type Editor } from "./edit/EditorContext";
import { useDraft } from "./edit/useDraft";
import { KioskBar } from "./kiosk/KioskBar";
import { LinkBar } from "./LinkBar";
import { usePrinting } from "./print/usePrinting";
import { dashboardState, panelId } from "./state";
import { Toolbar } from "./Toolbar";
import type { OpenDashboard } from "./useDashboard";
import { useDashboardKeys } from "./useDashboardKeys";
import { useVariables } from "./useVariables";
import { MissingValues } from "./variables/MissingValues";
import { VariableBar } from "./variables/VariableBar";
import { foldAll, Sections } from "./view/Sections";
import { SinglePanel } from "./view/SinglePanel";
import classes from "./dashboard.module.css";

// Who only looks at dashboards loads none of it.
const EditBar = lazy(async () => ({ default: (await import("./edit/EditBar")).EditBar }));
const PanelEditor = lazy(async () => ({ default: (await import("./edit/PanelEditor")).PanelEditor }));
const InspectDrawer = lazy(async () => ({ default: (await import("./inspect/InspectDrawer")).InspectDrawer }));

const none: Obj = {};

interface DashboardViewProps {
  uid: string;
  open: OpenDashboard;
  sources: readonly Source[];
  /** A snapshot: nothing of it can be changed or kept. */
  fixed?: boolean;
}

/** A dashboard with its variables, links and panels. */
export function DashboardView({ uid, open: stored, sources, fixed = false }: DashboardViewProps) {
  const [open, setOpen] = useState(stored);
  const [taking, setTaking] = useState(false);
  const draft = useDraft(open.raw);
  // What others save meanwhile waits for what is changed here: saving that says so.
  if (open !== stored && (taking || !draft.changed || open.raw === stored.raw)) {
    setOpen(stored);
    setTaking(false);
  }
  const { raw } = draft;
  // What was linked since the dashboard was opened, or replaced.
  const [linked, setLinked] = useState<Obj>(none);
  const library = useMemo(() => (linked === none ? open.library : { ...open.library, ...linked }), [open.library, linked]);
  const dashboard = useMemo(() => (raw === open.raw && library === open.library ? open.dashboard : readDashboard(raw, library)), [raw, open, library]);
  const [state, setState] = useUrlState(dashboardState);
  const { range, raw: rawRange, zone } = useTime();
  const page = useMemo(() => pageScope({ range, raw: rawRange, zone, dashboard, user: { login: boot.user, email: "" } }), [range, rawRange, zone, dashboard]);
  const variables = useVariables(dashboard, sources, page);
  const { states } = variables;
  const scope = useMemo(() => variableScope(states ?? [], range), [states, range]);
  const annotations = useAnnotations(uid, dashboard, sources, scope, page);
  const { printing, print } = usePrinting();
  const lastGood = useRef<DashboardShared["lastGood"]>(new Map());
  const panels = useMemo(() => new Map(dashboard.sections.flatMap((section) => section.panels).map((panel) => [panel.id, panel])), [dashboard]);
  // Their code comes while they are asked for.
  useEffect(() => {
    // A panel whose code does not come says so itself.
    for (const type of new Set(Array.from(panels.values(), (panel) => panel.type))) panelTypes.get(type)?.load().catch(() => {});
  }, [panels]);
  const marks = annotations.marks;
  const shared = useMemo<DashboardShared>(
    () => ({ dashboard, sources, variables: states ?? [], scope, marks, panelOf: (id: number): PanelModel | undefined => panels.get(id), printing, lastGood: lastGood.current }),
    [dashboard, sources, states, scope, marks, panels, printing],
  );
  const placed = useMemo(
    () =>
      placeSections(dashboard.sections, (name) => {
        // What is edited is the one panel, not its copies.
        const found = state.edit ? undefined : (states ?? []).find(({ model }) => model.name === name);
        return found ? repeatValues(found) : undefined;
      }),
    [dashboard.sections, states, state.edit],
  );
  const editor = useMemo<Editor>(
    () => ({
      canEdit: !fixed,
      draft,
      rawPanel: (id) => rawPanelOf(raw, id) ?? rawPanelOf(onGrid(raw), id),
      duplicate: (id) => draft.apply((before) => duplicatePanel(before, id).raw),
      remove: (id) => draft.apply((before) => removePanel(before, id)),
      library,
      link: (id, kept) => {
        setLinked((before) => ({ ...before, [kept.uid]: kept }));
        draft.apply((before) => linkPanel(before, id, kept));
      },
      place: (id, pos) => draft.apply((before) => placePanel(before, id, pos)),
      moveTo: (id, row, pos) => draft.apply((before) => movePanel(before, id, row, pos)),
      moveRow: (id, over) => draft.apply((before) => placeRow(before, id, over)),
    }),
    [draft, raw, fixed, library],
  );
  const [sharing, setSharing] = useState(false);
  const onShare = useCallback(() => setSharing(true), []);
  const onRows = useCallback(() => setState({ fold: foldAll(placed, state.fold) }), [placed, state.fold, setState]);
  useDashboardKeys({ onShare, onRows });
  usePageActions([
    { id: "share", title: "Share the dashboard", keys: "s", run: onShare },
    { id: "rows", title: "Open or fold all rows", keys: "d e", run: onRows },
    { id: "print", title: "Print the dashboard", run: print },
  ]);

  const viewed = panelId(state.viewPanel);
  const inspected = panelId(state.inspect);
  const edited = panelId(state.editPanel);
  const shown = viewed === undefined ? undefined : placed.flatMap((section) => section.panels).find(({ panel }) => panel.id === viewed);

  return (
    <DashboardContext value={shared}>
      <EditorContext value={editor}>
        <div className={classes.page}>
          {state.kiosk === "off" ? <Toolbar uid={uid} open={stored} sections={placed} fixed={fixed} sharing={sharing} onSharing={setSharing} onPrint={print} /> : <KioskBar />}
          <PrintHead title={dashboard.title} />
          {!fixed && (state.edit || draft.changed) && (
            <Suspense fallback={null}>
              <EditBar uid={uid} open={open} draft={draft} link={editor.link} onStored={() => setTaking(true)} />
            </Suspense>
          )}
          {open.meta.version !== stored.meta.version && <Notice>Somebody else has saved this dashboard meanwhile. What is changed here is kept; saving shows both.</Notice>}
          {open.notices.map((notice) => (
            <Notice key={notice}>{notice}</Notice>
          ))}
          {state.kiosk !== "full" && (
            <div className={classes.bar}>
              <VariableBar states={states ?? []} busy={variables.busy} />
              <AnnotationToggles dashboard={dashboard} off={annotations.off} />
              <LinkBar dashboard={dashboard} variables={states ?? []} />
            </div>
          )}
          <MissingValues states={states ?? []} />
          {states === undefined ? (
            <Loading as="page" height={320} what="the variables" />
          ) : edited !== undefined ? (
            <Suspense fallback={<Loading height={320} what="the editor" />}>
              <PanelEditor key={edited} id={edited} editor={editor} onClose={() => setState({ editPanel: "", edit: true })} />
            </Suspense>
          ) : state.viewPanel !== "" ? (
            shown ? (
              <SinglePanel placed={shown} />
            ) : (
              <Empty title={`There is no panel ${state.viewPanel}`} hint="It may have been removed from the dashboard." height={240} />
            )
          ) : placed.length === 0 ? (
            <Empty title="No panels yet" hint="Edit the dashboard to add one." height={240} />
          ) : (
            <Sections sections={placed} editing={state.edit} />
          )}
          {inspected !== undefined && <Suspense fallback={null}><InspectDrawer id={inspected} raw={raw} placed={placed.flatMap((section) => section.panels).find(({ panel }) => panel.id === inspected)} /></Suspense>}
        </div>
      </EditorContext>
    </DashboardContext>
  );
}

/** What paper has in place of the page's head. */
function PrintHead({ title }: { title: string }) {
  const { range, zone } = useTime();
  return (
    <div className={classes.printed}>
      <strong>{title}</strong> {formatTime(range.from, zone)} – {formatTime(range.to, zone)}
    </div>
  );
}
