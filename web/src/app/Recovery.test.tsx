// @vitest-environment jsdom
import { useQuery } from "@tanstack/react-query";
import { act, cleanup, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { fetchText } from "../api/client";
import { renderPage } from "../test/renderPage";
import { Recovery } from "./Recovery";

function Page() {
  const found = useQuery({ queryKey: ["found"], queryFn: ({ signal }) => fetchText("/found", signal) });
  return (
    <>
      <Recovery />
      <p>{found.data ?? found.error?.message ?? "loading"}</p>
    </>
  );
}

beforeEach(() => vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const wait = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

test("what failed on the page is asked again by itself, and is there when the server has come to itself", async () => {
  let busy = true;
  const ask = vi.fn(async () => (busy ? new Response("store is busy", { status: 429 }) : new Response("here it is")));
  vi.stubGlobal("fetch", ask);
  renderPage("/", Page, "/");
  await screen.findByText("store is busy");
  await wait(3500);
  expect(ask).toHaveBeenCalledTimes(3);
  busy = false;
  await wait(5500);
  expect(await screen.findByText("here it is")).toBeInTheDocument();
  await wait(60_000);
  expect(ask).toHaveBeenCalledTimes(4);
});

test("not for ever, and not what a server refuses", async () => {
  let status = 500;
  const ask = vi.fn(async () => new Response("no", { status }));
  vi.stubGlobal("fetch", ask);
  renderPage("/", Page, "/");
  await screen.findByText("no");
  await wait(120_000);
  expect(ask).toHaveBeenCalledTimes(5);
  cleanup();
  status = 403;
  renderPage("/", Page, "/");
  await screen.findByText("no");
  await wait(120_000);
  expect(ask).toHaveBeenCalledTimes(6);
});
