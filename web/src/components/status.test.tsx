// @vitest-environment jsdom
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";

import { ApiError } from "../api/client";
import { clearRefusal, refused } from "../api/session";
import { boot } from "../lib/boot";
import { Failure, Loading } from "./status";
import { usePatience } from "./useAnswer";

const patient = () => new QueryClient({ defaultOptions: { queries: { retry: 1 } } });

function on(page: ReactNode) {
  return render(
    <MantineProvider env="test">
      <QueryClientProvider client={patient()}>{page}</QueryClientProvider>
    </MantineProvider>,
  );
}

const wait = (ms: number) => act(async () => void (await vi.advanceTimersByTimeAsync(ms)));
const outline = () => screen.getByRole("status", { name: "Loading lines" });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  clearRefusal();
  boot.auth = false;
  boot.roles = [];
});

describe("what waits for its first data", () => {
  it("has the height of the data from the first moment, and nothing in it for 150 ms", async () => {
    on(<Loading height={240} what="lines" as="rows" />);
    expect(outline().parentElement).toHaveStyle({ height: "240px" });
    await wait(149);
    expect(outline()).toBeEmptyDOMElement();
    await wait(1);
    expect(outline().querySelector("[data-shape=rows]")).not.toBeNull();
    expect(outline().parentElement).toHaveStyle({ height: "240px" });
  });

  it("of a page is the outline of its tiles, charts and tables", async () => {
    on(<Loading what="lines" as="page" />);
    await wait(150);
    const shapes = [...outline().querySelectorAll<HTMLElement>("[data-shape]")].map((one) => one.dataset.shape);
    expect(shapes.filter((one) => one === "tile")).toHaveLength(4);
    expect(shapes).toContain("chart");
    expect(shapes).toContain("rows");
  });
});

function Lines({ ask }: { ask: () => Promise<string> }) {
  const found = useQuery({ queryKey: ["lines"], queryFn: ask, ...usePatience() });
  return found.isPending ? <Loading what="lines" asked={[["lines"]]} /> : found.isError ? <Failure error={found.error} what="Asking" retry={found.refetch} /> : <p>{found.data}</p>;
}

describe("a server that fails", () => {
  it("is asked again after 1, 2, 5 and 15 s, and the reason is there meanwhile", async () => {
    const at: number[] = [];
    const began = Date.now();
    on(
      <Lines
        ask={() => {
          at.push(Math.round((Date.now() - began) / 1000));
          return Promise.reject(new ApiError("read part 7: input/output error", 500));
        }}
      />,
    );
    await wait(100);
    expect(screen.getByRole("alert")).toHaveTextContent("read part 7: input/output error");
    expect(screen.getByRole("alert")).toHaveTextContent("Trying again by itself");
    await wait(60_000);
    expect(at).toEqual([0, 1, 3, 8, 23]);
    expect(screen.getByRole("button", { name: "Try again" })).toBeInTheDocument();
    expect(screen.queryByText(/by itself/)).toBeNull();
  });

  it("is asked at once when somebody does not want to wait, and what it answers is shown", async () => {
    let well = false;
    on(<Lines ask={() => (well ? Promise.resolve("the lines") : Promise.reject(new ApiError("store is busy", 429, { retryAfter: 600 })))} />);
    await wait(20_000);
    expect(screen.getByRole("alert")).toHaveTextContent("store is busy");
    well = true;
    fireEvent.click(screen.getByRole("button", { name: "Try now" }));
    await wait(100);
    expect(screen.getByText("the lines")).toBeInTheDocument();
  });

  it.each([400, 401, 403, 404, 504])("is not asked again after a %d", async (status) => {
    const ask = vi.fn(() => Promise.reject(new ApiError("no", status)));
    on(<Lines ask={ask} />);
    await wait(60_000);
    expect(ask).toHaveBeenCalledTimes(1);
    expect(screen.getByRole("alert")).toHaveTextContent("no");
  });
});

test("a limit is named, with how to ask for less, and where who may sees what it is", () => {
  const limit = <Failure error={new ApiError("query returns 30 series; group by less or raise query.max_series (20)", 400)} what="The query" retry={() => {}} />;
  on(limit);
  expect(screen.getByRole("alert")).toHaveTextContent("The limit for series of one answer was reached");
  expect(screen.getByRole("alert")).toHaveTextContent("query returns 30 series");
  expect(screen.getByRole("alert")).toHaveTextContent("Group by fewer labels");
  expect(screen.getByRole("link", { name: /query\.max_series/ })).toHaveAttribute("href", "/data?tab=status");
  cleanup();
  boot.auth = true;
  boot.roles = ["viewer"];
  on(limit);
  expect(screen.queryByRole("link")).toBeNull();
  expect(screen.getByRole("alert")).toHaveTextContent("An administrator can raise query.max_series");
});

test("where nobody is signed in, one can", () => {
  on(<Failure error={new ApiError("/api/v1/query takes read: show a token, or log in", 401)} what="The query" />);
  fireEvent.click(screen.getByRole("button", { name: "Sign in" }));
  expect(refused()?.status).toBe(401);
});
