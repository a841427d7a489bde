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

test("a server that starts says what it is at until it is there", async () => {
  let segment = 12;
  vi.stubGlobal("fetch", async (input: RequestInfo | URL) => {
    if (segment > 40) return new Response("here it is");
    const said = `Oriel is starting: replaying the write-ahead log, segment ${segment} of 40 of logs.`;
    return new Response(String(input).endsWith("/-/ready") ? said : JSON.stringify({ status: "error", error: said }), { status: 503, headers: { "Oriel-Starting": "true" } });
  });
  renderPage("/", Page, "/");
  expect(await screen.findByText("Reconnecting …")).toBeInTheDocument();
  await act(() => vi.advanceTimersByTimeAsync(1500));
  expect(screen.getByRole("status")).toHaveTextContent("Oriel is starting: replaying the write-ahead log, segment 12 of 40 of logs. This page asks again by itself.");
  segment = 13;
  await act(() => vi.advanceTimersByTimeAsync(3000));
  expect(screen.getByRole("status")).toHaveTextContent("segment 13 of 40");
  segment = 41;
  await act(() => vi.advanceTimersByTimeAsync(10_000));
  expect(await screen.findByText("here it is")).toBeInTheDocument();
  expect(screen.queryByRole("status")).toBeNull();
});

test("a refusal is an answer", async () => {
  vi.stubGlobal("fetch", async () => new Response("no such thing", { status: 404 }));
  renderPage("/", Page, "/");
  expect(await screen.findByText("no such thing")).toBeInTheDocument();
  expect(screen.queryByText("Reconnecting …")).toBeNull();
});

test("a gateway that finds nobody is not an answer of the server, and what waits for its next attempt is asked at once when that is back", async () => {
  let away = true;
  vi.stubGlobal("fetch", async (input: RequestInfo | URL) => {
    if (away) return new Response("<html><h1>502 Bad Gateway</h1></html>", { status: 502 });
    return new Response(String(input).endsWith("/-/ready") ? "" : "here it is");
  });
  renderPage("/", () => <Patient />, "/");
  expect(await screen.findByText("Reconnecting …")).toBeInTheDocument();
  await act(() => vi.advanceTimersByTimeAsync(2000));
  away = false;
  await act(() => vi.advanceTimersByTimeAsync(8000));
  expect(await screen.findByText("here it is")).toBeInTheDocument();
  expect(screen.queryByText("Reconnecting …")).toBeNull();
});

function Patient() {
  const found = useQuery({ queryKey: ["found"], queryFn: ({ signal }) => fetchText("/found", signal), retry: 4, retryDelay: 600_000 });
  return (
    <>
      <Reconnecting />
      <p>{found.data ?? found.failureReason?.message}</p>
    </>
  );
}

test("when one of the page's questions has an answer again by its own attempt, so have the others", async () => {
  let away = true;
  vi.stubGlobal("fetch", async (input: RequestInfo | URL) => {
    // The server itself is not ready yet when the first answer comes.
    if (away || String(input).endsWith("/-/ready")) throw new TypeError("Failed to fetch");
    return new Response(`here is ${String(input)}`);
  });
  renderPage("/", Two, "/");
  expect(await screen.findByText("Reconnecting …")).toBeInTheDocument();
  away = false;
  await act(() => vi.advanceTimersByTimeAsync(7000));
  expect(await screen.findByText("here is /first")).toBeInTheDocument();
  expect(await screen.findByText("here is /second")).toBeInTheDocument();
});

function Two() {
  const first = useQuery({ queryKey: ["first"], queryFn: ({ signal }) => fetchText("/first", signal), retry: 4, retryDelay: 6000 });
  const second = useQuery({ queryKey: ["second"], queryFn: ({ signal }) => fetchText("/second", signal) });
  return (
    <>
      <Reconnecting />
      <p>{first.data}</p>
      <p>{second.data}</p>
    </>
  );
}
