import { describe, expect, test } from "vitest";

import { fieldOf, readTextFields, sanitiseName, summariseFields } from "./logFields";
import type { LogLine } from "./logLines";

describe("readTextFields", () => {
  test("JSON objects flatten with underscores, arrays and nulls are skipped", () => {
    const got = readTextFields('{"req":{"path":"/a","id":7},"ok":true,"tags":["t"],"n":null,"user.name":"bo","0k":1}');
    expect(got.format).toBe("json");
    expect({ ...got.fields }).toEqual({ req_path: "/a", req_id: "7", ok: "true", user_name: "bo", _0k: "1" });
    expect(got.document).toHaveProperty("tags", ["t"]);
  });

  test("numbers keep their spelling, which is what a filter compares", () => {
    expect({ ...readTextFields('{"ms":33.0,"id":9007199254740993}').fields }).toEqual({ ms: "33.0", id: "9007199254740993" });
  });

  test("a key called __proto__ is only a key", () => {
    const got = readTextFields('{"__proto__":"x","a":"1"}');
    expect(got.fields["a"]).toBe("1");
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  test("broken JSON has no fields", () => {
    expect(readTextFields('{"a":').format).toBe("none");
  });

  test("logfmt values may be quoted and escaped", () => {
    const got = readTextFields('level=info msg="say \\"hi\\"" path=/b empty=');
    expect(got.format).toBe("logfmt");
    expect({ ...got.fields }).toEqual({ level: "info", msg: 'say "hi"', path: "/b" });
  });

  test("prose with one pair in it is not logfmt", () => {
    expect(readTextFields("the quick fox jumped with speed=9 over it").format).toBe("none");
  });

  test("deep nesting ends without an overflow", () => {
    const deep = '{"a":'.repeat(5000) + "1" + "}".repeat(5000);
    expect(() => readTextFields(deep)).not.toThrow();
  });
});

test.each([
  ["user.name", "user_name"],
  ["a..b", "a__b"],
  ["9lives", "_9lives"],
  [" x ", "x"],
])("sanitiseName(%j) is %j", (name, want) => {
  expect(sanitiseName(name)).toBe(want);
});

function line(labels: Record<string, string>, text = "", metadata = {}): LogLine {
  return { id: "", ts: "1", line: text, labels, metadata, parsed: {} };
}

test("a word as long as the line is no field", () => {
  for (const text of ["y".repeat(500_000), `a=${"y".repeat(500_000)}"`, `a="${"y=".repeat(250_000)}`]) expect(readTextFields(text).format).toBe("none");
});

describe("summariseFields", () => {
  test("counts lines and values, most frequent first", () => {
    const fields = summariseFields([
      line({ app: "web" }, '{"code":500}'),
      line({ app: "web" }, '{"code":200}'),
      line({ app: "api" }, "plain", { trace_id: "t" }),
    ]);
    expect(fields).toEqual([
      { name: "app", origin: "label", lines: 3, values: [{ value: "web", lines: 2 }, { value: "api", lines: 1 }] },
      { name: "code", origin: "parsed", parser: "json", lines: 2, values: [{ value: "200", lines: 1 }, { value: "500", lines: 1 }] },
      { name: "trace_id", origin: "metadata", lines: 1, values: [{ value: "t", lines: 1 }] },
    ]);
  });

  test("text that repeats a label is not listed twice", () => {
    const fields = summariseFields([line({ app: "web" }, '{"app":"web"}')]);
    expect(fields.map((f) => f.origin)).toEqual(["label"]);
  });

  test("fields named like what every object has are fields like others", () => {
    const odd = line({ app: "web" }, '{"constructor":"c","toString":"t"}');
    expect(summariseFields([odd]).map((field) => field.name)).toEqual(["app", "constructor", "toString"]);
    expect(fieldOf(odd, "constructor")).toBe("c");
    expect(fieldOf(odd, "valueOf")).toBe("");
  });
});
