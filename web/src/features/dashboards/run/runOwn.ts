import { listAnnotations, listDashboards } from "../../../api/dashboards";
import { activeAlerts } from "../../../api/rules";
import { alertFrame } from "../../../lib/dashboard/alertFrames";
import type { Frame } from "../../../lib/dashboard/frame";
import { bool, num, objs, str, strs } from "../../../lib/dashboard/json";
import type { PanelModel } from "../../../lib/dashboard/model";
import { annotationFrame, dashboardFrame } from "../../../lib/dashboard/ownFrames";
import type { Plan } from "../../../lib/dashboard/plan";
import { snapshotFrames } from "../../../lib/dashboard/snapshotFrames";

/** Answers about what this server knows itself: alerts, dashboards and annotations. */
export async function runOwn(panel: PanelModel, plan: Plan, signal: AbortSignal): Promise<Frame[]> {
  switch (panel.type) {
    case "alertlist":
      return [alertFrame(await activeAlerts(signal), "A")];
    case "dashlist":
      return [await dashboards(panel, signal)];
    case "annolist":
      return [annotationFrame(await listAnnotations({ ...range(plan), tags: strs(panel.options.tags), limit: num(panel.options.limit) }, signal), "A")];
    default: {
      const frames = await Promise.all(plan.grafana.map((target) => ofTarget(target, plan, signal)));
      return frames.flat();
    }
  }
}

async function dashboards(panel: PanelModel, signal: AbortSignal): Promise<Frame> {
  const { options } = panel;
  const starred = bool(options.showStarred) && !bool(options.showSearch);
  const all = await listDashboards({ q: str(options.query), tag: strs(options.tags), folder: str(options.folderUID), starred }, signal);
  return dashboardFrame(all.slice(0, num(options.maxItems) ?? 10), "A");
}

async function ofTarget(target: Plan["grafana"][number], plan: Plan, signal: AbortSignal): Promise<Frame[]> {
  switch (target.queryType) {
    case "snapshot":
      return snapshotFrames(objs(target.snapshot), target.refId);
    case "annotations":
      return [annotationFrame(await listAnnotations({ ...range(plan), tags: strs(target.tags) }, signal), target.refId)];
    case "search":
      return [dashboardFrame(await listDashboards({ q: str(target.query) }, signal), target.refId)];
    default:
      return [];
  }
}

function range({ range: { from, to } }: Plan) {
  return { from: Math.floor(from), to: Math.ceil(to) };
}
