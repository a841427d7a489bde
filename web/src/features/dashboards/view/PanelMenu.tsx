import { Menu } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";

import { useTime } from "../../../components/time/TimeContext";
import { useUrlState } from "../../../components/useUrlState";
import { ruleSeed } from "../../../lib/dashboard/alertRule";
import type { PanelModel } from "../../../lib/dashboard/model";
import { logsPlace, metricsPlace, newRulePlace, tracesPlace, type Place } from "../../../lib/links";
import { useEditor } from "../edit/EditorContext";
import { dashboardState } from "../state";
import type { PanelData } from "../usePanel";
import { copyText } from "../../../components/clipboard";
import { saveCSV, savePNG } from "./export";

interface PanelMenuProps {
  panel: PanelModel;
  title: string;
  data: PanelData;
  editing: boolean;
  /** Opens the annotations of the panel. */
  onAnnotate: () => void;
  /** Asks under which name the library is to keep the panel. */
  onKeep: () => void;
}

/** What can be done with a panel. */
export function PanelMenu({ panel, title, data, editing, onAnnotate, onKeep }: PanelMenuProps) {
  const [state, set] = useUrlState(dashboardState);
  const navigate = useNavigate();
  const { zoomTo } = useTime();
  const editor = useEditor();
  const place = explorePlace(data);
  const seed = ruleSeed(panel, title, data.plan, data.answer?.frames ?? []);
  const id = String(panel.id);
  const viewing = state.viewPanel !== "";
  return (
    <>
      <Menu.Item onClick={() => set({ viewPanel: viewing ? "" : id })} rightSection="v">
        {viewing ? "Back to the dashboard" : "View"}
      </Menu.Item>
      {editor?.canEdit && (
        <Menu.Item onClick={() => set({ editPanel: id, viewPanel: "", edit: true })} rightSection="e">
          Edit
        </Menu.Item>
      )}
      {place && <Menu.Item onClick={() => void navigate(place)}>Explore</Menu.Item>}
      {seed && <Menu.Item onClick={() => void navigate(newRulePlace(seed.expr, seed))}>Create alert rule</Menu.Item>}
      <Menu.Divider />
      <Menu.Item onClick={() => set({ inspect: id, inspectTab: "data" })}>Inspect data</Menu.Item>
      <Menu.Item onClick={() => set({ inspect: id, inspectTab: "query" })}>Inspect query</Menu.Item>
      <Menu.Item onClick={() => set({ inspect: id, inspectTab: "json" })}>Inspect JSON</Menu.Item>
      <Menu.Item onClick={() => set({ inspect: id, inspectTab: "stats" })}>Statistics</Menu.Item>
      <Menu.Divider />
      {editor?.canEdit && <Menu.Item onClick={onAnnotate}>Annotations</Menu.Item>}
      <Menu.Item onClick={() => void copyText(panelLink(id))}>Copy link</Menu.Item>
      <Menu.Item onClick={() => void copyText(JSON.stringify(editor?.rawPanel(panel.id) ?? panel, null, 2))}>Copy JSON</Menu.Item>
      <Menu.Item onClick={() => saveCSV(data.frames, title)} disabled={data.frames.length === 0}>
        Download CSV
      </Menu.Item>
      <Menu.Item onClick={() => void savePNG(panel.id, title)}>Download PNG</Menu.Item>
      {data.time.label !== "" && <Menu.Item onClick={() => zoomTo(data.time.range)}>Show this range everywhere</Menu.Item>}
      {editing && editor && (
        <>
          <Menu.Divider />
          <Menu.Item onClick={() => editor.duplicate(panel.id)}>Duplicate</Menu.Item>
          <Menu.Item onClick={onKeep}>Keep in the library …</Menu.Item>
          <Menu.Item color="error" onClick={() => editor.remove(panel.id)}>
            Remove
          </Menu.Item>
        </>
      )}
    </>
  );
}

/** The explore page for the panel's queries, filled in as they were run. */
function explorePlace({ plan, time }: PanelData): Place | undefined {
  const prom = plan.queries.flatMap((query) => (query.type === "prometheus" && !plan.hidden.has(query.refId) ? [query.expr] : []));
  if (prom.length > 0) return metricsPlace([...new Set(prom)], time.label === "" ? undefined : time.range);
  const [first] = plan.queries;
  if (first?.type === "loki") return logsPlace(first.expr);
  if (first?.type === "tempo" && first.ask !== "trace") return tracesPlace(first.query === "" ? "{}" : first.query);
  return undefined;
}

function panelLink(id: string): string {
  const link = new URL(location.href);
  link.searchParams.set("viewPanel", id);
  for (const passing of ["inspect", "inspectTab", "editPanel", "edit"]) link.searchParams.delete(passing);
  return link.toString();
}
