import { describe, expect, it, test } from "vitest";

import type { Field, Frame, FrameMeta } from "./frame";
import { suggestTypes } from "./suggestType";

const field = (type: Field["type"], values: Field["values"]): Field => ({ name: type, type, values, config: {} });
const frame = (fields: Field[], type?: FrameMeta["type"]): Frame => ({ refId: "A", name: "", fields, ...(type ? { meta: { type } } : {}) });
const times = field("time", [1, 2]);

describe("types that suit an answer", () => {
  test.each<[string, Frame[], string]>([
    ["lines", [frame([times, field("string", ["a", "b"])], "logs")], "logs"],
    ["a trace", [frame([field("trace", [{}])], "trace")], "traces"],
    ["buckets", [frame([times, field("number", [1, 2])], "heatmap")], "heatmap"],
    ["nodes", [frame([field("string", ["a"])], "nodes")], "nodeGraph"],
    ["a series", [frame([times, field("number", [1, 2])], "timeseries")], "timeseries"],
    ["states over time", [frame([times, field("string", ["up", "down"])])], "state-timeline"],
    ["one number", [frame([field("time", [1]), field("number", [1])])], "stat"],
    ["a list of numbers", [frame([field("string", ["a", "b"]), field("number", [1, 2])], "table")], "table"],
    ["texts", [frame([field("string", ["a", "b"])])], "table"],
  ])("%s", (_, frames, best) => {
    expect(suggestTypes(frames)[0]).toBe(best);
  });
  it("are none without one", () => {
    expect(suggestTypes([])).toEqual([]);
    expect(suggestTypes([frame([field("time", []), field("number", [])])])).toEqual([]);
  });
});
