import { describe, expect, it, test } from "vitest";

import { choice, flag, list, parseSearch, sharedState, stringifySearch, text, urlSchema } from "./urlState";

describe("query strings", () => {
  it.each([
    ["", {}],
    ["?q=up", { q: "up" }],
    ["q=up", { q: "up" }],
    ["?q=a&q=b", { q: ["a", "b"] }],
    ["?q=a&q=b&q=c", { q: ["a", "b", "c"] }],
    ["?from=1772360000000", { from: "1772360000000" }],
    ["?q=true", { q: "true" }],
    ["?q=%7Ba%3D%22b%22%7D", { q: '{a="b"}' }],
    ["?q=a+b", { q: "a b" }],
    ["?q=", { q: "" }],
    ["?q=%", { q: "%" }],
  ])("%j", (query, want) => expect(parseSearch(query)).toEqual(want));

  it("leave out what is absent", () => {
    expect(stringifySearch({ a: undefined, b: [], c: "" })).toBe("?c=");
    expect(stringifySearch({})).toBe("");
    expect(stringifySearch({ n: 5, on: true, nothing: null })).toBe("?n=5&on=true");
  });

  it.each([
    { q: "{a=\"b\"} |= `x & y` != \"100%\"" },
    { q: ["sum(rate(a[5m]))", "b + c"], look: ["graph.lines.s", "table.lines.auto"] },
    { q: "ümläut 日本 🎈 #?&=+" },
    { from: "now-1d/d", to: "now", tz: "Europe/Berlin" },
    { empty: "" },
    { lines: "a\nb\tc" },
  ])("come back as they were: %j", (search) => expect(parseSearch(stringifySearch(search))).toEqual(search));

  it("come back as they were, for any text", () => {
    // A fixed walk over code points, so a failure repeats.
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 500; round++) {
      const points = Array.from({ length: 1 + random(12) }, () => (random(4) === 0 ? 0x20 + random(0xd7e0) : 0x20 + random(0x5f)));
      const search = { q: String.fromCodePoint(...points), other: ["x", String.fromCodePoint(...points)] };
      expect(parseSearch(stringifySearch(search))).toEqual(search);
    }
  });
});

interface State {
  q: string;
  tab: "lines" | "stats";
  wrap: boolean;
  cols: readonly string[];
}

const schema = urlSchema<State>({ q: text("up"), tab: choice(["lines", "stats"], "lines"), wrap: flag(), cols: list() });

describe("a page's URL state", () => {
  it("is at its defaults when the URL says nothing", () => {
    expect(schema.read({})).toEqual({ q: "up", tab: "lines", wrap: false, cols: [] });
  });

  it("is read from the URL", () => {
    expect(schema.read({ q: "x", tab: "stats", wrap: "1", cols: ["a", "b"] })).toEqual({ q: "x", tab: "stats", wrap: true, cols: ["a", "b"] });
    expect(schema.read({ cols: "a" }).cols).toEqual(["a"]);
  });

  it("ignores, one by one, values that do not fit", () => {
    expect(schema.read({ q: ["a", "b"], tab: "nope", wrap: "yes", cols: "a" })).toEqual({ q: "up", tab: "lines", wrap: false, cols: ["a"] });
  });

  it("writes only what is changed, and not what is default", () => {
    expect(schema.write({ q: "x", from: "now-2h" }, { tab: "stats" })).toEqual({ q: "x", from: "now-2h", tab: "stats" });
    expect(stringifySearch(schema.write({ q: "x", tab: "stats" }, { q: "up", tab: "lines" }))).toBe("");
    expect(stringifySearch(schema.write({}, { wrap: true, cols: ["a"] }))).toBe("?wrap=1&cols=a");
    expect(stringifySearch(schema.write({ cols: ["a"] }, { cols: [] }))).toBe("");
  });

  it("keeps an empty text apart from the default", () => {
    expect(schema.read(parseSearch(stringifySearch(schema.write({}, { q: "" })))).q).toBe("");
  });

  const states: State[] = [
    { q: "", tab: "stats", wrap: true, cols: ["a", "b"] },
    { q: "up", tab: "lines", wrap: false, cols: [] },
    { q: "a&b=c", tab: "lines", wrap: true, cols: ["only"] },
  ];
  it.each(states)("survives a round trip through the URL: %j", (state) => {
    expect(schema.read(parseSearch(stringifySearch(schema.write({}, state))))).toEqual(state);
  });
});

test("pages start with the last hour in the browser's zone, without refresh", () => {
  expect(sharedState.read({})).toEqual({ from: "now-1h", to: "now", tz: "browser", refresh: "off" });
});
