// @vitest-environment jsdom
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Loading } from "../components/status";
import { LoadingVoice } from "./LoadingVoice";

function on(page: ReactNode) {
  return render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>{page}</QueryClientProvider>
    </MantineProvider>,
  );
}

const wait = (ms: number) => act(async () => void (await vi.advanceTimersByTimeAsync(ms)));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("what the page waits for", () => {
  it("is told of once, however many boxes there are, and again when the last has gone", async () => {
    const page = (...boxes: string[]) => (
      <MantineProvider env="test">
        {boxes.map((what) => (
          <Loading key={what} what={what} />
        ))}
        <LoadingVoice />
      </MantineProvider>
    );
    const view = render(page("lines", "traces"));
    const voice = () => screen.getByRole("status", { name: "What the page waits for" });
    for (const box of screen.getAllByRole("status", { name: /^Loading/ })) expect(box).toHaveAttribute("aria-live", "off");
    await wait(300);
    expect(voice()).toBeEmptyDOMElement();
    await wait(600);
    expect(voice()).toHaveTextContent(/^Loading$/);
    view.rerender(page("traces"));
    await wait(2000);
    expect(voice()).toHaveTextContent(/^Loading$/);
    view.rerender(page());
    await wait(2000);
    expect(voice()).toHaveTextContent(/^Loaded$/);
  });

  it("that comes at once is not told of at all", async () => {
    const view = on(<Loading what="lines" />);
    await wait(100);
    view.unmount();
    on(<LoadingVoice />);
    await wait(2000);
    expect(screen.getByRole("status", { name: "What the page waits for" })).toBeEmptyDOMElement();
  });
});
