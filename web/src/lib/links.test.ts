import { describe, expect, it } from "vitest";

import { logsPlace, metricsPlace, tracePlace } from "./links";

describe("links", () => {
  const before = { from: "now-6h", to: "now", tz: "utc", refresh: "30s", q: "old", tab: "x" };
  it("keep the shared state and drop the page's", () => {
    expect(logsPlace("{a=`b`}").search(before)).toEqual({ from: "now-6h", to: "now", tz: "utc", refresh: "30s", q: "{a=`b`}" });
  });
  it("carry a range of their own", () => {
    expect(metricsPlace(["up", "down"], { from: 1, to: 2 }).search(before)).toMatchObject({ from: "1", to: "2", q: ["up", "down"] });
  });
  it("name the trace in the path", () => {
    expect(tracePlace("abc", "def")).toMatchObject({ to: "/trace/$id", params: { id: "abc" } });
    expect(tracePlace("abc", "def").search({})).toMatchObject({ span: "def" });
    expect(tracePlace("abc").search({})).not.toHaveProperty("span");
  });
});
