import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { useMemo, useState, type ReactNode } from "react";
import { vi } from "vitest";

import { Beside } from "../components/correlate/Beside";
import { TimeContext, type TimeState } from "../components/time/TimeContext";
import { absolute, resolveRange, type RawRange } from "../lib/time";
import { parseSearch, stringifySearch, type RawSearch } from "../lib/urlState";

/** The `now` of every page under test: 2024-11-22 02:00:00 UTC, in milliseconds. */
export const NOW = 1_732_240_800_000;

/** Answers by path; the last entry whose path is a prefix of the asked one wins. A function sees the parameters. */
export type Answers = Record<string, unknown>;

/** An answer that is not 200 with JSON. */
export class Refusal {
  readonly status: number;
  readonly text: string;

  constructor(status: number, text: string) {
    this.status = status;
    this.text = text;
  }
}

/** Stands in for the server. Returns the requests so far as "path?query" with the query decoded. */
export function serve(answers: Answers): URL[] {
  const asked: URL[] = [];
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
    const target = new URL(String(input), "http://oriel.test");
    // The parameters of a form count like those of the URL.
    if (init?.body instanceof URLSearchParams) for (const [name, value] of init.body) target.searchParams.append(name, value);
    asked.push(target);
    const path = Object.keys(answers).findLast((one) => target.pathname.startsWith(one));
    const found = path === undefined ? new Refusal(404, `nothing at ${target.pathname}`) : answers[path];
    const answer: unknown = typeof found === "function" ? (found as (params: URLSearchParams) => unknown)(target.searchParams) : found;
    if (answer instanceof Refusal) return new Response(answer.text, { status: answer.status });
    return new Response(JSON.stringify(answer), { status: 200 });
  });
  return asked;
}

/** Renders a page at `url` in a document with a size, the last hour ending at NOW, and every other page blank. */
export function renderPage(path: string, page: () => ReactNode, url: string) {
  giveSize();
  const root = createRootRoute({ component: Frame, validateSearch: (search: Record<string, unknown>) => search as RawSearch });
  const paths = new Set(["/", "/explore/metrics", "/explore/logs", "/explore/traces", "/trace/$id", "/alerts", "/data", "/services", "/services/map", "/services/$name", "/dashboards", "/dashboards/import", "/d/$uid"]);
  const routes = [...paths].map((one) =>
    createRoute({ getParentRoute: () => root, path: one, component: one === path ? page : () => <p>{`at ${one}`}</p> }),
  );
  const history = createMemoryHistory({ initialEntries: [url] });
  const router = createRouter({ routeTree: root.addChildren(routes), history, parseSearch, stringifySearch });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const view = render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        {/* The app's own router is the registered one; this is another. */}
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  /** A search parameter of where the page is now. */
  const param = (name: string) => new URLSearchParams(history.location.search).get(name);
  return { ...view, param, path: () => history.location.pathname };
}

function Frame() {
  const [raw, setRaw] = useState<RawRange>({ from: "now-1h", to: "now" });
  const [tick, setTick] = useState(0);
  const time = useMemo<TimeState>(
    () => ({
      raw,
      range: resolveRange(raw, NOW, "UTC"),
      zone: "UTC",
      tick,
      setRange: setRaw,
      zoomTo: (range) => setRaw(absolute(range)),
      refresh: () => setTick((before) => before + 1),
    }),
    [raw, tick],
  );
  return (
    <TimeContext value={time}>
      <Outlet />
      <Beside />
    </TimeContext>
  );
}

// jsdom lays nothing out; lists that draw only what is in sight would draw nothing.
function giveSize(): void {
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(1000);
  vi.spyOn(window, "scrollTo").mockImplementation(() => {});
  Range.prototype.getClientRects ??= () => [] as unknown as DOMRectList;
}
