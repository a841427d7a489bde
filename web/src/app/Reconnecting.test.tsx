// @vitest-environment jsdom
import { useQuery } from "@tanstack/react-query";
import { act, cleanup, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { fetchText } from "../api/client";
import { renderPage } from "../test/renderPage";
import { Reconnecting } from "./Reconnecting";

function Page() {
  const found = useQuery({ queryKey: ["found"], queryFn: ({ signal }) => fetchText("/found", signal) });
  return (
    <>
      <Reconnecting />
      <p>{found.data ?? found.error?.message}</p>
    </>
  );
}

beforeEach(() => vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a server that is away is asked again, a little later each time, until it answers", async () => {
  let away = true;
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (input: RequestInfo | URL) => {
    asked.push(String(input));
    if (away) throw new TypeError("Failed to fetch");
    return new Response("here it is");
  });
  renderPage("/", Page, "/");
  expect(await screen.findByText("Reconnecting …")).toBeInTheDocument();
  await act(() => vi.advanceTimersByTimeAsync(3500));
  expect(asked.filter((one) => one.endsWith("/-/ready"))).toHaveLength(2);
  away = false;
  await act(() => vi.advanceTimersByTimeAsync(6000));
  expect(await screen.findByText("here it is")).toBeInTheDocument();
  expect(screen.queryByText("Reconnecting …")).toBeNull();
});

test("a refusal is an answer", async () => {
  vi.stubGlobal("fetch", async () => new Response("no such thing", { status: 404 }));
  renderPage("/", Page, "/");
  expect(await screen.findByText("no such thing")).toBeInTheDocument();
  expect(screen.queryByText("Reconnecting …")).toBeNull();
});
