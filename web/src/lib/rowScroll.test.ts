import { describe, expect, it } from "vitest";

import { RowScroll, tallest, type RowBox } from "./rowScroll";

const million: RowBox = { rows: 1_000_000, row: 20, sight: 40, atEnd: 40, span: tallest - 800 };

function at(top: number, box = million): RowScroll {
  const scroll = new RowScroll();
  scroll.resize(box);
  scroll.go(top);
  scroll.placed(scroll.place());
  return scroll;
}

describe("RowScroll", () => {
  it("moves by as many rows as a turn of the wheel has pixels of them", () => {
    const scroll = at(500_000);
    const from = scroll.place();
    scroll.scrolled(from + 100);
    expect(scroll.first).toBe(500_005);
    scroll.scrolled(from + 40);
    expect(scroll.first).toBe(500_002);
  });

  it("keeps the parts of rows that a touchpad moves by", () => {
    const scroll = at(500_000);
    const from = scroll.place();
    for (let step = 1; step <= 40; step++) scroll.scrolled(from + 5 * step);
    expect(scroll.first).toBe(500_010);
  });

  it.each([
    [0, 0],
    [0.25, 249_990],
    [0.5, 499_980],
    [1, 999_960],
  ])("goes with the scrollbar to the part %d of the list", (part, row) => {
    const scroll = at(123_456);
    scroll.scrolled(million.span * part);
    expect(scroll.first).toBe(row);
  });

  it("has the last row in sight at the end of the bar", () => {
    const scroll = at(0);
    scroll.scrolled(million.span);
    expect(scroll.first + million.sight).toBe(million.rows);
  });

  it.each([1, 30, 60, 1000])("reaches the end with the key for it from %d rows before", (before) => {
    const scroll = at(million.rows - million.sight - before);
    scroll.scrolled(million.span);
    expect(scroll.first + million.sight).toBe(million.rows);
  });

  it("reaches the start with the key for it from a few rows after", () => {
    const scroll = at(3);
    scroll.scrolled(0);
    expect(scroll.first).toBe(0);
  });

  it("shows every row to who turns the wheel from one end to the other", () => {
    const box: RowBox = { rows: 20_000, row: 20, sight: 40, atEnd: 40, span: 100_000 };
    const scroll = at(0, box);
    let seen = box.sight;
    let bar = 0;
    for (let turn = 0; turn < 10_000 && seen < box.rows; turn++) {
      bar = Math.min(box.span, bar + 100);
      scroll.scrolled(bar);
      expect(scroll.first).toBeLessThanOrEqual(seen);
      seen = scroll.first + box.sight;
      // A hand rests now and then.
      if (turn % 50 === 0) {
        bar = scroll.place();
        scroll.placed(bar);
      }
    }
    expect(seen).toBe(box.rows);
  });

  it("does not move for its own correction of the bar", () => {
    const scroll = at(500_000);
    scroll.scrolled(scroll.place() + 700);
    const { first } = scroll;
    const rounded = Math.round(scroll.place());
    scroll.placed(rounded);
    scroll.scrolled(rounded);
    expect(scroll.first).toBe(first);
  });

  it("keeps the row on top when the list grows, and shows less of the bar above it", () => {
    const scroll = at(500_000);
    const before = scroll.place();
    scroll.resize({ ...million, rows: 2_000_000 });
    expect(scroll.first).toBe(500_000);
    expect(scroll.place()).toBeLessThan(before);
  });

  it("brings a row into sight by as little as it takes", () => {
    const scroll = at(1000);
    scroll.show(1020);
    expect(scroll.first).toBe(1000);
    scroll.show(1040);
    expect(scroll.first).toBe(1001);
    scroll.show(10);
    expect(scroll.first).toBe(10);
    scroll.show(999_999);
    expect(scroll.first).toBe(999_960);
  });

  it("has the last row on top at the end where rows are of any height, and turns as before", () => {
    const scroll = at(0, { ...million, atEnd: 1 });
    scroll.scrolled(million.span);
    expect(scroll.first).toBe(999_999);
    scroll.placed(scroll.place());
    scroll.scrolled(million.span - 100);
    expect(scroll.first).toBe(999_994);
    scroll.show(5);
    expect(scroll.first).toBe(5);
  });

  it("stands at the top of a list that has room for all of it", () => {
    const scroll = at(5, { rows: 10, row: 20, sight: 40, atEnd: 40, span: 0 });
    expect([scroll.first, scroll.place()]).toEqual([0, 0]);
  });
});
