import { describe, expect, it } from "vitest";

import { annotationRequest } from "./annotations";
import { localSources } from "./datasource";
import type { Scope } from "./interpolate";
import { frameMarks, lineMarks, seriesMarks } from "./marks";
import { readDashboard } from "./read";
import { pageScope } from "./scopes";
import { series, table } from "./testFrames";
import { traceTable } from "./traceFrames";

const hour = 3_600_000;
const range = { from: 1_700_000_000_000, to: 1_700_000_000_000 + hour };
const page = pageScope({ range, raw: { from: "now-1h", to: "now" }, zone: "UTC", dashboard: { uid: "u", title: "T" }, user: { login: "", email: "" } });
const variables: Scope = new Map([["job", { value: "api", text: "api" }]]);
const model = (query: Record<string, unknown> = {}) => readDashboard({ annotations: { list: [{ name: "Deploys", iconColor: "red", ...query }] }, panels: [] }).annotations[0]!;
const asked = (query: Record<string, unknown>) => annotationRequest(model(query), { uid: "u", sources: localSources, inputs: [], scopes: [variables, page], variables: [], range });

describe("annotations ask", () => {
  it("their data source, or this server", () => {
    expect(asked({ datasource: "prometheus", expr: 'changes(x{job="$job"}[$__interval])', step: "1m" })).toMatchObject({ kind: "prometheus", expr: 'changes(x{job="api"}[1m])', stepMs: 60_000 });
    expect(asked({ datasource: { type: "loki", uid: "loki" }, expr: "{}" })).toMatchObject({ kind: "loki", expr: "{}" });
    expect(asked({ builtIn: 1, datasource: "-- Grafana --" })).toMatchObject({ kind: "own", params: { dashboardUid: "u" } });
    expect(asked({ datasource: "-- Grafana --", target: { type: "tags", tags: ["$job"], matchAny: true } })).toMatchObject({ kind: "own", params: { tags: ["api"], matchAny: "true" } });
    expect(asked({ datasource: { type: "mysql", uid: "x" }, expr: "x" }).kind).toBe("none");
  });

  it("for traces by what their target says", () => {
    const tempo = { datasource: { type: "tempo", uid: "tempo" } };
    expect(asked({ ...tempo, target: { query: '{resource.service.name="$job" && status=error}', queryType: "traceql", limit: 5 } })).toMatchObject({ kind: "traces", query: { type: "tempo", ask: "search", query: '{resource.service.name="api" && status=error}', limit: 5 } });
    expect(asked({ ...tempo, target: { queryType: "traceqlSearch", filters: [{ tag: "service.name", scope: "resource", operator: "=", value: ["cart"] }] } })).toMatchObject({ kind: "traces", query: { query: '{resource.service.name="cart"}', limit: 100 } });
    expect(asked({ ...tempo, target: { query: "{status=error} | rate()" } })).toMatchObject({ kind: "traces", query: { ask: "metrics" } });
    expect(asked({ datasource: { type: "jaeger", uid: "jaeger" }, target: { queryType: "search", service: "$job" } })).toMatchObject({ kind: "traces", query: { type: "jaeger", ask: "search", service: "api" } });
    expect(asked({ ...tempo, target: { query: "" } }).kind).toBe("none");
  });
});

describe("marks", () => {
  it("are stretches above zero, or the times that values are", () => {
    const all = [{ labels: { pod: "p", v: "2" }, times: [0, 1000, 2000, 9000], values: [0, 1, 2, 1] }];
    expect(seriesMarks(all, model({ titleFormat: "{{pod}}", textFormat: "v{{v}}", tagKeys: "pod,none" }), 1000)).toEqual([
      { time: 1000, timeEnd: 2000, title: "p", text: "v2", tags: ["p"], colour: "red" },
      { time: 9000, title: "p", text: "v2", tags: ["p"], colour: "red" },
    ]);
    expect(seriesMarks([{ labels: {}, times: [1, 2], values: [5000, 5000] }], model({ useValueForTime: true }), 1000)).toEqual([{ time: 5000, title: "Deploys", text: "", tags: [], colour: "red" }]);
  });

  it("are log lines", () => {
    expect(lineMarks([{ ts: "1700000000000000000", line: "boom", labels: { app: "x" } }], model({ titleFormat: "{{app}}" }))).toEqual([{ time: 1_700_000_000_000, title: "x", text: "boom", tags: [], colour: "red" }]);
  });

  it("are traces, those of a second and more as stretches, which lead to them", () => {
    const row = { rootService: "cart", rootName: "GET /", services: [], matched: 1, firstMatch: undefined };
    const frame = traceTable([{ ...row, traceId: "ab", start: 1_700_000_000_000_000_000n, durationMs: 2500 }, { ...row, traceId: "cd", start: 1_700_000_001_000_000_000n, durationMs: 12 }], "Anno", "{}");
    expect(frameMarks([frame], model({ tagKeys: "traceService" }), 1000)).toEqual([
      { time: 1_700_000_000_000, timeEnd: 1_700_000_002_500, title: "Deploys", text: "cart: GET /", tags: ["cart"], colour: "red", trace: "ab" },
      { time: 1_700_000_001_000, title: "Deploys", text: "cart: GET /", tags: ["cart"], colour: "red", trace: "cd" },
    ]);
    expect(frameMarks([frame], model({ titleFormat: "{{traceName}}", textFormat: "{{traceDuration}} ms" }), 1000)[1]).toMatchObject({ title: "GET /", text: "12 ms" });
  });

  it("are the rows of a table by the annotation's mappings", () => {
    const frame = table("A", { Time: [1000, 2000, null], Until: [5000, null, null], what: ["start", "stop", "x"], kind: ["a,b", "", ""] });
    const mappings = { time: { source: "field", value: "Time" }, timeEnd: { source: "field", value: "Until" }, title: { source: "text", value: "Job" }, text: { source: "field", value: "what" }, tags: { source: "field", value: "kind" } };
    expect(frameMarks([frame], model({ mappings }), 1000)).toEqual([
      { time: 1000, timeEnd: 5000, title: "Job", text: "start", tags: ["a", "b"], colour: "red" },
      { time: 2000, title: "Job", text: "stop", tags: [], colour: "red" },
    ]);
  });

  it("are stretches of a series of traces' numbers", () => {
    expect(frameMarks([series("A", "", [0, 3, 0], { labels: { service: "cart" } })], model({ titleFormat: "{{service}}" }), 60_000)).toMatchObject([{ time: 1_700_000_060_000, title: "cart" }]);
  });
});
