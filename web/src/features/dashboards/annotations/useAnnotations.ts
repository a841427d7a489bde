import { useQueries } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";

import { listAnnotations } from "../../../api/dashboards";
import { ApiError } from "../../../api/client";
import { requests } from "../../../api/queue";
import { lokiQuery } from "../../../api/sourceLoki";
import { promRange } from "../../../api/sourceProm";
import { useTime } from "../../../components/time/TimeContext";
import { annotationRequest, type AnnotationRequest } from "../../../lib/dashboard/annotations";
import type { Source } from "../../../lib/dashboard/datasource";
import type { Scope } from "../../../lib/dashboard/interpolate";
import { frameMarks, lineMarks, seriesMarks, storedMarks, type Mark } from "../../../lib/dashboard/marks";
import type { Dashboard } from "../../../lib/dashboard/model";
import { alignRange } from "../../../lib/step";
import type { TimeRange } from "../../../lib/time";
import type { RawSearch } from "../../../lib/urlState";
import type { DashboardShared } from "../DashboardContext";
import { runQuery } from "../run/runQuery";

/** The marks of all annotations that are switched on. */
export interface Annotations {
  marks: DashboardShared["marks"];
  /** Names of those that the reader switched, as `anno-name` in the URL. */
  off: ReadonlySet<string>;
}

/** Asks for the annotations of a dashboard. One that fails leaves the charts as they are. */
export function useAnnotations(uid: string, dashboard: Dashboard, sources: readonly Source[], scope: Scope, page: Scope): Annotations {
  const search: RawSearch = useSearch({ strict: false });
  const { range, tick } = useTime();
  const switched = [search["anno"] ?? []].flat();
  const switchedKey = switched.join("\n");
  const off = useMemo(() => {
    const names = new Set(switchedKey.split("\n"));
    // A name in the URL means: otherwise than the dashboard has it.
    return new Set(dashboard.annotations.filter((one) => names.has(one.name) === one.enable).map((one) => one.name));
  }, [dashboard.annotations, switchedKey]);
  const asked = useMemo(
    () => dashboard.annotations.filter((one) => !off.has(one.name)).map((one) => annotationRequest(one, { uid, sources, inputs: dashboard.inputs, scopes: [scope, page], variables: dashboard.variables, range })),
    [dashboard, off, uid, sources, scope, page, range],
  );
  const answers = useQueries({
    queries: asked.map((request) => ({
      queryKey: ["dashboard", "annotation", request.key, range, tick],
      queryFn: ({ signal }: { signal: AbortSignal }) => ask(request, range, signal),
      retry: false,
    })),
    combine: (results) => results.map((result) => result.data),
  });
  const marks = useMemo(() => asked.flatMap((request, index) => (answers[index] ?? []).map((mark) => ({ ...mark, filter: request.model.filter }))), [asked, answers]);
  return { marks, off };
}

async function ask(request: AnnotationRequest, range: TimeRange, signal: AbortSignal): Promise<Mark[]> {
  const { model } = request;
  switch (request.kind) {
    case "prometheus": {
      const grid = alignRange(range, request.stepMs);
      const run = (own: AbortSignal) => promRange(request.source.base, request.expr, grid, request.stepMs, own);
      return seriesMarks((await requests.ask(`annotation ${request.key} ${range.from} ${range.to}`, run, signal, 1)).series, model, request.stepMs);
    }
    case "loki": {
      const run = (own: AbortSignal) => lokiQuery(request.source.base, { query: request.expr, range, instant: false, stepMs: 60_000, limit: request.limit, forward: false }, own);
      const answer = await requests.ask(`annotation ${request.key} ${range.from} ${range.to}`, run, signal, 1);
      return answer.kind === "lines" ? lineMarks(answer.lines, model) : seriesMarks(answer.series, model, 60_000);
    }
    case "traces": {
      const run = (own: AbortSignal) => runQuery(request.query, range, own);
      const answer = await requests.ask(`annotation ${request.key} ${range.from} ${range.to}`, run, signal, 1);
      return frameMarks(answer.frames(request.query, false), model, request.stepMs);
    }
    case "own":
      try {
        return storedMarks(await listAnnotations({ ...request.params, from: Math.floor(range.from), to: Math.ceil(range.to) }, signal), model);
      } catch (error) {
        // A server that keeps no annotations has none.
        if (error instanceof ApiError && error.status === 404) return [];
        throw error;
      }
    case "none":
      return [];
  }
}
