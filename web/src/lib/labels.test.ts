import { describe, expect, it, test } from "vitest";

import { formatLabels, seriesNames } from "./labels";

test.each([
  [{}, ""],
  [{ __name__: "up" }, "up"],
  [{ __name__: "up", job: "api", a: 'q"uote' }, 'up{a="q\\"uote", job="api"}'],
  [{ job: "api" }, '{job="api"}'],
  [{ __name__: "job:up:sum" }, "job:up:sum"],
  [{ __name__: "http.server.requests", "k8s.pod": "p", a: "b" }, '{"http.server.requests", a="b", "k8s.pod"="p"}'],
  [{ __name__: "http.server.requests" }, '{"http.server.requests"}'],
])("%j", (labels, want) => expect(formatLabels(labels)).toBe(want));

describe("names of series", () => {
  it("are full for a lone series", () => expect(seriesNames([{ __name__: "up", job: "a" }], "q")).toEqual(['up{job="a"}']));
  it("are the value of a lone series' only label", () => expect(seriesNames([{ route: "/x" }], "q")).toEqual(["/x"]));
  it("fall back to the query where there are no labels", () => expect(seriesNames([{}], "sum(up)")).toEqual(["sum(up)"]));
  it("are the bare value of the one label that differs", () =>
    expect(
      seriesNames(
        [
          { job: "a", zone: "x" },
          { job: "b", zone: "x" },
          { zone: "x" },
        ],
        "q",
      ),
    ).toEqual(["a", "b", "q"]));
  it("hold every label that differs", () =>
    expect(
      seriesNames(
        [
          { job: "a", code: "200", zone: "x" },
          { job: "b", code: "500", zone: "x" },
        ],
        "q",
      ),
    ).toEqual(['{code="200", job="a"}', '{code="500", job="b"}']));
  it("are none for no series", () => expect(seriesNames([], "q")).toEqual([]));
});
