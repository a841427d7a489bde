// @vitest-environment jsdom
import { act, render, screen } from "@testing-library/react";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from "@tanstack/react-router";
import { afterEach, beforeEach, test, vi } from "vitest";

import { useTime } from "../components/time/TimeContext";
import type { RawSearch } from "../lib/urlState";
import { TimeProvider } from "./TimeProvider";

function Page() {
  const { range, tick } = useTime();
  return <p>{`until ${range.to}, round ${tick}`}</p>;
}

const begin = Date.UTC(2026, 2, 4, 10);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: begin });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a page that is opened later is about its own now, one that follows at once about the same", async () => {
  const root = createRootRoute({
    component: () => (
      <TimeProvider>
        <Outlet />
      </TimeProvider>
    ),
    validateSearch: (search: Record<string, unknown>) => search as RawSearch,
  });
  const routes = ["/", "/services", "/data"].map((path) => createRoute({ getParentRoute: () => root, path, component: Page }));
  const router = createRouter({ routeTree: root.addChildren(routes), history: createMemoryHistory({ initialEntries: ["/"] }) });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  await screen.findByText(`until ${begin}, round 0`);

  vi.setSystemTime(begin + 1_000);
  await act(() => router.navigate({ to: "/data" }));
  await screen.findByText(`until ${begin}, round 0`);

  vi.setSystemTime(begin + 60_000);
  await act(() => router.navigate({ to: "/services" }));
  await screen.findByText(`until ${begin + 60_000}, round 0`);
});
