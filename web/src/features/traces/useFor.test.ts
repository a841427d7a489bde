// @vitest-environment jsdom
import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { useFor } from "./useFor";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("holds for its time, which something else begins anew", () => {
  const { result, rerender } = renderHook(({ what }) => useFor(1000, what), { initialProps: { what: "a" } });
  expect(result.current).toBe(true);
  act(() => void vi.advanceTimersByTime(900));
  rerender({ what: "b" });
  act(() => void vi.advanceTimersByTime(900));
  expect(result.current).toBe(true);
  act(() => void vi.advanceTimersByTime(200));
  expect(result.current).toBe(false);
  rerender({ what: "c" });
  expect(result.current).toBe(true);
});
