import { expect, test } from "vitest";

import { NumberText, parseExact } from "./exactJson";

test.each(["33.0", "1e3", "9007199254740993", "-0", "1.50", "123456789012345678901234567890"])("%s keeps its text", (number) => {
  const parsed = parseExact(`{"n":[${number}],"s":"${number}"}`) as { n: unknown[]; s: unknown };
  expect(parsed.n[0]).toBeInstanceOf(NumberText);
  expect(String(parsed.n[0])).toBe(number);
  expect(parsed.s).toBe(number);
});

test.each(["0", "1", "-1.5", "9007199254740991", "0.1"])("%s is a plain number", (number) => {
  expect(parseExact(`[${number}, 1e3]`)).toEqual([Number(number), new NumberText("1e3")]);
});

test("strings with escapes and digits are left alone", () => {
  expect(parseExact('{"a":"say \\"1.0\\" 2e5","b":2.0}')).toEqual({ a: 'say "1.0" 2e5', b: new NumberText("2.0") });
});

test.each(["{", "01", '{"a":1.0,}', "1.0.0"])("%j is not JSON", (text) => {
  expect(() => parseExact(text)).toThrow(SyntaxError);
});
