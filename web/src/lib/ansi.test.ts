import { describe, expect, test } from "vitest";

import { parseAnsi, showControls, stripAnsi } from "./ansi";

const ESC = "\u001b";

describe("parseAnsi", () => {
  test("a line without escapes is one plain segment", () => {
    expect(parseAnsi("hello")).toEqual([{ text: "hello" }]);
  });

  test("an empty line has no segments", () => {
    expect(parseAnsi("")).toEqual([]);
  });

  test("colour and weight last until they are reset", () => {
    expect(parseAnsi(`${ESC}[1;31mfail${ESC}[0m ok`)).toEqual([
      { text: "fail", bold: true, colour: "red" },
      { text: " ok" },
    ]);
  });

  test("an empty parameter list resets", () => {
    expect(parseAnsi(`${ESC}[32mgo${ESC}[mplain`)).toEqual([
      { text: "go", colour: "green" },
      { text: "plain" },
    ]);
  });

  test("bright colours fold into the eight names", () => {
    expect(parseAnsi(`${ESC}[96mx`)).toEqual([{ text: "x", colour: "cyan" }]);
  });

  test("parameters of 256 and direct colours are not read as styles", () => {
    expect(parseAnsi(`${ESC}[38;5;1mred${ESC}[38;2;4;4;4mstill`)).toEqual([
      { text: "red", colour: "red" },
      { text: "still", colour: "red" },
    ]);
    expect(parseAnsi(`${ESC}[48;5;4mbg`)).toEqual([{ text: "bg" }]);
  });

  test("each attribute can be switched off on its own", () => {
    expect(parseAnsi(`${ESC}[1;3;4;33ma${ESC}[22mb${ESC}[23mc${ESC}[24md${ESC}[39me`)).toEqual([
      { text: "a", bold: true, italic: true, underline: true, colour: "yellow" },
      { text: "b", italic: true, underline: true, colour: "yellow" },
      { text: "c", underline: true, colour: "yellow" },
      { text: "d", colour: "yellow" },
      { text: "e" },
    ]);
  });

  test("cursor movement and titles are dropped", () => {
    expect(parseAnsi(`${ESC}[2Ka${ESC}]0;title\u0007b`)).toEqual([{ text: "a" }, { text: "b" }]);
  });

  test("an unfinished sequence does not swallow the text", () => {
    expect(stripAnsi(`abc${ESC}[3`)).toContain("abc");
  });
});

describe("stripAnsi", () => {
  test("leaves only the text", () => {
    expect(stripAnsi(`${ESC}[31mred${ESC}[0m and ${ESC}[4munder`)).toBe("red and under");
  });
});

describe("showControls", () => {
  test("control characters become visible, tab and line feed stay", () => {
    expect(showControls("a\u0000b\tc\nd\u007f\u0085\r")).toBe("a\\x00b\tc\nd\\x7f\\x85\\x0d");
  });
});
