import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import type { Priority } from "../../api/queue";
import { useTime, type TimeState } from "../../components/time/TimeContext";
import { usePatience } from "../../components/useAnswer";
import { boot } from "../../lib/boot";
import { applyFieldConfig } from "../../lib/dashboard/fieldconfig";
import type { Frame } from "../../lib/dashboard/frame";
import { interpolate, type Scope, type ScopeValue } from "../../lib/dashboard/interpolate";
import { num } from "../../lib/dashboard/json";
import type { PanelModel } from "../../lib/dashboard/model";
import { panelTime, type PanelTime } from "../../lib/dashboard/panelTime";
import { planKey, planPanel, type Plan } from "../../lib/dashboard/plan";
import type { PlacedPanel } from "../../lib/dashboard/repeat";
import { pageScope } from "../../lib/dashboard/scopes";
import { applyTransforms } from "../../lib/dashboard/transform";
import { useShared, type DashboardShared } from "./DashboardContext";
import { runOwn } from "./run/runOwn";
import { NoAnswer, preferPlan, runPlan, type PanelAnswer } from "./run/runPlan";

/** How near a panel is to what is in sight. */
export type Nearness = "visible" | "near" | "far";

/** An answer, when it came in Unix milliseconds, and whether it stands for a later one that failed. */
type KeptAnswer = PanelAnswer & { at?: number; kept?: boolean };

/** A panel's data and all that it is drawn with. */
export interface PanelData {
  plan: Plan;
  time: PanelTime;
  /** Innermost first. */
  scopes: readonly Scope[];
  interpolate: (text: string, scope?: Record<string, unknown>) => string;
  /** Frames as the sources answered; undefined before the first answer. */
  answer: KeptAnswer | undefined;
  /** Frames after transformations and overrides. */
  frames: Frame[];
  notices: string[];
  pending: boolean;
  /** The frames are old ones, the new are on their way. */
  busy: boolean;
  /** Key of the question, to give up waiting for its answer. */
  asked: readonly (readonly unknown[])[];
  /** When the frames were answered, in Unix milliseconds; 0 before. */
  at: number;
  refetch: () => void;
}

/** The range that a panel shows, and what its texts are filled in with, innermost first. */
export function usePlace(panel: PanelModel, copy: Scope): { time: PanelTime; scopes: readonly Scope[] } {
  const { dashboard, scope } = useShared();
  const { raw, range, zone } = useTime();
  const time = useMemo(() => timeOf(panel, [copy, scope], { raw, range, zone }), [panel, copy, scope, raw, range, zone]);
  const scopes = useMemo(
    () => [copy, scope, pageScope({ range: time.range, raw, zone, dashboard, user: { login: boot.user, email: "" } })],
    [copy, scope, time, raw, zone, dashboard],
  );
  return { time, scopes };
}

/** Runs a panel's queries when it is near, and makes its frames ready to be drawn. `points` are wanted at most. */
export function usePanel(panel: PanelModel, copy: Scope, nearness: Nearness, points: number): PanelData {
  const shared = useShared();
  const { zone, tick } = useTime();
  const { time: timed, scopes } = usePlace(panel, copy);
  const plan = useMemo(() => planOf(panel, shared, scopes, timed, points), [panel, shared, scopes, timed, points]);
  const key = planKey(plan);
  const own = knowsItself(panel, plan);
  const priority: Priority = nearness === "visible" ? 0 : nearness === "near" ? 1 : 2;

  const client = useQueryClient();
  const queryKey = ["dashboard", "panel", key, own ? [panel.type, panel.options] : null, timed.range, tick];
  const query = useQuery({
    queryKey,
    enabled: nearness !== "far",
    ...usePatience(),
    queryFn: async ({ signal }): Promise<KeptAnswer> => {
      const [asked, known] = await Promise.all([runPlan(plan, signal, priority, client.getQueryData<KeptAnswer>(queryKey)), own ? runOwn(panel, plan, signal) : []]);
      return remember(shared, key, { ...asked, frames: [...asked.frames, ...known] });
    },
  });
  const { data, error, failureReason } = query;
  const answer = useMemo(() => (data && !failureReason ? data : failureReason ? standIn(shared, key, data, failureReason, error !== null) : undefined), [data, error, failureReason, shared, key]);
  useEffect(() => preferPlan(plan, priority), [plan, priority]);

  const fill = useMemo(
    () =>
      (text: string, inner?: Record<string, unknown>): string =>
        interpolate(text, inner ? [new Map(Object.entries(inner) as [string, ScopeValue][]), ...scopes] : scopes, "text"),
    [scopes],
  );
  const { frames, notices } = useMemo(() => {
    const moved = applyTransforms(answer?.frames ?? [], panel.transformations, { interpolate: (text) => interpolate(text, scopes, "text"), zone });
    return { frames: applyFieldConfig(moved.frames, panel.fieldConfig, (text) => interpolate(text, scopes, "text")), notices: moved.notices };
  }, [answer, panel, scopes, zone]);

  const asks = plan.queries.length > 0 || plan.expressions.length > 0 || own;
  return {
    plan,
    time: timed,
    scopes,
    interpolate: fill,
    answer,
    frames,
    notices: [...(answer?.notices ?? []), ...notices],
    pending: asks && answer === undefined,
    busy: query.isPlaceholderData && query.isFetching,
    asked: [queryKey],
    at: answer?.at ?? 0,
    refetch: () => void query.refetch(),
  };
}

type PageTime = Pick<TimeState, "raw" | "range" | "zone">;

function timeOf(panel: PanelModel, scopes: readonly Scope[], { raw, range, zone }: PageTime): PanelTime {
  const fill = (text: string): string => interpolate(text, scopes, "raw");
  // The page's end is its "now" where the range is relative.
  const now = raw.to === "now" ? range.to : Date.now();
  return panelTime({ timeFrom: fill(panel.timeFrom), timeShift: fill(panel.timeShift) }, { raw, range, now, zone });
}

/** Whether this server itself has what the panel shows. */
function knowsItself(panel: PanelModel, plan: Plan): boolean {
  return panel.type === "alertlist" || panel.type === "dashlist" || panel.type === "annolist" || plan.grafana.length > 0;
}

/** Asks for a panel's data once, wherever on the page it is: its frames before transformations, and its title. */
export async function askPanel({ panel, scope }: PlacedPanel, shared: DashboardShared, page: PageTime, signal: AbortSignal): Promise<{ title: string; frames: Frame[] }> {
  const timed = timeOf(panel, [scope, shared.scope], page);
  const scopes = [scope, shared.scope, pageScope({ range: timed.range, raw: page.raw, zone: page.zone, dashboard: shared.dashboard, user: { login: boot.user, email: "" } })];
  const plan = planOf(panel, shared, scopes, timed, pointsFor(snapshotWidth));
  const [asked, known] = await Promise.all([runPlan(plan, signal, 1), knowsItself(panel, plan) ? runOwn(panel, plan, signal) : []]);
  return { title: interpolate(panel.title, scopes, "text"), frames: [...asked.frames, ...known] };
}

// Of a panel in a snapshot, in pixels.
const snapshotWidth = 800;

/** The plan of a panel; of one that shows another's answer, that one's. */
function planOf(panel: PanelModel, shared: DashboardShared, scopes: readonly Scope[], time: PanelTime, points: number): Plan {
  const context = {
    range: time.range,
    scopes,
    variables: shared.dashboard.variables,
    filters: shared.variables.filter((one) => one.model.type === "adhoc").map((one) => ({ datasource: one.model.datasource, filters: one.filters })),
    sources: shared.sources,
    inputs: shared.dashboard.inputs,
    points,
  };
  const plan = planPanel(panel, context);
  if (plan.fromPanel === undefined) return plan;
  const source = shared.panelOf(plan.fromPanel);
  if (!source || source.id === panel.id) {
    return { ...plan, refused: [...plan.refused, { refId: "", reason: `Shows the data of panel ${plan.fromPanel}, which is not in this dashboard.` }] };
  }
  const other = planPanel(source, context);
  return { ...other, grafana: other.fromPanel === undefined ? other.grafana : [] };
}

/** What is shown while there is no answer: the one before, with the reason; without one nothing until the last attempt has failed. */
function standIn(shared: DashboardShared, key: string, shown: KeptAnswer | undefined, reason: Error, over: boolean): KeptAnswer | undefined {
  const errors = reason instanceof NoAnswer ? reason.errors : [{ refId: "", message: reason.message }];
  const before = shared.lastGood.get(key) ?? shown;
  if (before) return { ...before, errors, kept: true };
  return over ? { frames: [], errors, notices: [], hints: [], took: 0, parts: new Map() } : undefined;
}

// More than the largest dashboards have panels.
const mostKept = 1000;

/** An answer that failed as a whole gives way to the last one that did not, and says since when that is. */
function remember(shared: DashboardShared, key: string, answer: PanelAnswer): KeptAnswer {
  if (answer.errors.length === 0 || answer.frames.length > 0) {
    const good = { ...answer, at: Date.now() };
    shared.lastGood.set(key, good);
    // A plan may have the time in its queries, and then there is another one with every refresh.
    const [oldest] = shared.lastGood.keys();
    if (shared.lastGood.size > mostKept && oldest !== undefined) shared.lastGood.delete(oldest);
    return good;
  }
  const before = shared.lastGood.get(key);
  return before ? { ...before, errors: answer.errors, kept: true } : answer;
}

/** Points for a panel of that width: one per two pixels, in steps so that a small change of size asks nothing anew. */
export function pointsFor(width: number): number {
  return Math.max(100, Math.ceil(width / 2 / 100) * 100);
}

/** The number that an option holds, if it does. */
export function numberOption(options: Record<string, unknown>, name: string, fallback: number): number {
  return num(options[name]) ?? fallback;
}
