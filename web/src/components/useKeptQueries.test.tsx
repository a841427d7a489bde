// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { ApiError } from "../api/client";
import { useKeptQueries } from "./useKeptQueries";

function Page({ ask, tick }: { ask: () => Promise<string>; tick: number }) {
  const [one] = useKeptQueries([{ question: "a", queryKey: ["a", tick], queryFn: ask }]);
  return <p>{`${one?.data ?? "nothing"}, ${one?.failure?.message ?? "well"}, ${one?.isError ? "failed" : "no failure"}`}</p>;
}

beforeEach(() => vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const wait = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

test("what may pass is asked again after 1, 2, 5 and 15 seconds; the last answer stays, with the reason", async () => {
  const busy = new ApiError("store is busy", 503);
  const ask = vi.fn(async () => "first");
  const client = new QueryClient();
  const page = (tick: number) => (
    <QueryClientProvider client={client}>
      <Page ask={ask} tick={tick} />
    </QueryClientProvider>
  );
  const view = render(page(0));
  expect(await screen.findByText("first, well, no failure")).toBeInTheDocument();
  ask.mockRejectedValue(busy);
  view.rerender(page(1));
  expect(await screen.findByText("first, store is busy, no failure")).toBeInTheDocument();
  expect(ask).toHaveBeenCalledTimes(2);
  await wait(1_100);
  expect(ask).toHaveBeenCalledTimes(3);
  await wait(2_100);
  expect(ask).toHaveBeenCalledTimes(4);
  ask.mockResolvedValue("second");
  await wait(5_100);
  expect(await screen.findByText("second, well, no failure")).toBeInTheDocument();
  expect(ask).toHaveBeenCalledTimes(5);
});
