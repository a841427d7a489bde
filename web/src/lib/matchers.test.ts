import { describe, expect, test } from "vitest";

import { exactly, formatMatchers, matches, parseLabels, parseMatchers } from "./matchers";

describe("parseMatchers", () => {
  test.each([
    ['a="b"', [{ name: "a", value: "b", isRegex: false, isEqual: true }]],
    ["{a=b}", [{ name: "a", value: "b", isRegex: false, isEqual: true }]],
    ['a!="b", c=~"d.*"', [{ name: "a", value: "b", isRegex: false, isEqual: false }, { name: "c", value: "d.*", isRegex: true, isEqual: true }]],
    ['a!~"x,y"', [{ name: "a", value: "x,y", isRegex: true, isEqual: false }]],
    [String.raw`a="say \"hi\""`, [{ name: "a", value: 'say "hi"', isRegex: false, isEqual: true }]],
    [String.raw`a="C:\\new\n"`, [{ name: "a", value: "C:\\new\n", isRegex: false, isEqual: true }]],
    [String.raw`"k8s.pod \"x\""="p", b=c`, [{ name: 'k8s.pod "x"', value: "p", isRegex: false, isEqual: true }, { name: "b", value: "c", isRegex: false, isEqual: true }]],
    ['a=""', [{ name: "a", value: "", isRegex: false, isEqual: true }]],
  ])("reads %s", (text, wanted) => expect(parseMatchers(text)).toEqual(wanted));

  test("reads what formatMatchers writes, whatever is in it", () => {
    const odd = ['it\'s "quoted"', "C:\\new\\", "line\nbreak", "a, b}", "", "<b>", "\t"];
    const matchers = odd.map((value, i) => ({ name: i % 2 ? "k8s pod-name" : "k8s.pod", value, isRegex: i % 3 === 0, isEqual: i % 2 === 0 }));
    expect(parseMatchers(formatMatchers(matchers))).toEqual(matchers);
  });

  test.each(["", "{}", "a", 'a>"b"', 'a="b" c="d"', '"b"'])("refuses %s", (text) => expect(parseMatchers(text)).toBeUndefined());
});

describe("matches", () => {
  const of = (text: string) => parseMatchers(text) ?? [];
  test.each([
    ['a="b"', true],
    ['a="c"', false],
    ['a!="c"', true],
    ['a=~"b|c"', true],
    ['a=~"[bc]x"', false],
    ['a!~"b.+"', true],
    ['absent=""', true],
    ['absent="x"', false],
    ['a="b", d="f"', false],
    ['a=~"("', false],
  ])("%s", (text, wanted) => expect(matches(of(text), { a: "b", d: "e" })).toBe(wanted));

  test("what is made of labels fits them, the alert's name first", () => {
    const labels = { job: "x", alertname: "A" };
    expect(exactly(labels).map((one) => one.name)).toEqual(["alertname", "job"]);
    expect(matches(exactly(labels), labels)).toBe(true);
  });
});

describe("parseLabels", () => {
  test.each([
    ["", {}],
    ['a=b, c="d e"', { a: "b", c: "d e" }],
  ])("reads %j", (text, wanted) => expect(parseLabels(text)).toEqual(wanted));
  test.each(['a!="b"', 'a=~"b"', "a"])("refuses %s", (text) => expect(parseLabels(text)).toBeUndefined());
});
