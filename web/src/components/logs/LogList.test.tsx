// @vitest-environment jsdom
import { MantineProvider } from "@mantine/core";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { LogLine } from "../../lib/logLines";
import { tallest } from "../../lib/rowScroll";
import { LogList } from "./LogList";

const height = 400;
const many = 800_000;
const labels = { service_name: "api" };
const lines = Array.from({ length: many }, (_, index): LogLine => ({ id: `l${index}`, ts: "1700000000000000000", line: `line ${index + 1}`, labels, metadata: {}, parsed: {} }));

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(height);
  vi.useFakeTimers();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function show(props: Partial<Parameters<typeof LogList>[0]> = {}) {
  const list = (more: typeof props) => (
    <MantineProvider>
      <LogList lines={lines} terms={[]} wrap={false} zone="UTC" active="" open="" onOpen={() => {}} {...props} {...more} />
    </MantineProvider>
  );
  const { rerender } = render(list({}));
  return { grid: screen.getByRole("grid"), update: (more: typeof props) => rerender(list(more)) };
}

function scroll(grid: HTMLElement, to: number): void {
  grid.scrollTop = to;
  fireEvent.scroll(grid);
}

const shown = (): number[] => screen.getAllByRole("row").map((row) => Number(row.getAttribute("aria-rowindex")));

describe("a list of more lines than a browser can lay out", () => {
  it("has only what is in sight in the document, and is no higher than browsers bear", () => {
    const { grid } = show();
    expect(shown()).toEqual(Array.from({ length: 21 }, (_, row) => row + 1));
    expect(grid.firstElementChild).toHaveStyle({ height: `${tallest}px` });
    expect(grid).toHaveAttribute("aria-rowcount", String(many));
  });

  it("shows its last line at the end of the scrollbar, and asks for more on the way", () => {
    const onEnd = vi.fn();
    const { grid } = show({ onEnd });
    scroll(grid, tallest - height);
    expect(shown().at(-1)).toBe(many);
    expect(screen.getByText(`line ${many}`)).toBeInTheDocument();
    expect(onEnd).toHaveBeenCalled();
  });

  it("moves by true lines with the wheel, and puts the scrollbar right once it rests", () => {
    const { grid } = show();
    scroll(grid, (tallest - height) / 2);
    const [middle = 0] = shown();
    expect(middle).toBe((many - 20) / 2 + 1);
    act(() => vi.runAllTimers());
    scroll(grid, grid.scrollTop + 100);
    expect(shown()[0]).toBe(middle + 5);
    const moved = grid.scrollTop;
    act(() => vi.runAllTimers());
    expect(shown()[0]).toBe(middle + 5);
    expect(grid.scrollTop).toBeLessThan(moved);
  });

  it("brings the line under the keyboard into sight", () => {
    const { update } = show();
    update({ active: "l499999" });
    expect(shown()).toContain(500_000);
    expect(screen.getByText("line 500000").closest("[role=row]")).toHaveAttribute("data-active");
  });

  it("keeps what is in sight when more lines come", () => {
    const { grid, update } = show({ lines: lines.slice(0, 760_000) });
    scroll(grid, (tallest - height) / 2);
    act(() => vi.runAllTimers());
    const before = shown();
    update({ lines });
    expect(shown()).toEqual(before);
  });

  it("has its last line on top where lines are wrapped", () => {
    const { grid } = show({ wrap: true });
    scroll(grid, tallest - height);
    expect(shown()).toEqual([many]);
  });
});
