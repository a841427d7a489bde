// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { MantineProvider } from "@mantine/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Panel } from "./Panel";
import { Failure, Loading } from "./status";
import { TimeContext, type TimeState } from "./time/TimeContext";
import { useAnswer } from "./useAnswer";

const now = 1_732_240_800_000;

/** One question on a page, whose every asking is answered, or refused, by hand. */
function ask() {
  const asked: { signal: AbortSignal; answer: (text: string) => Promise<void>; refuse: (why: string) => Promise<void> }[] = [];
  const server = ({ signal }: { signal: AbortSignal }): Promise<string> =>
    new Promise((resolve, reject) => {
      const settle = (end: () => void) => act(async () => {
          end();
          await vi.advanceTimersByTimeAsync(0);
        });
      asked.push({ signal, answer: (text) => settle(() => resolve(text)), refuse: (why) => settle(() => reject(new Error(why))) });
      signal.addEventListener("abort", () => reject(new Error("aborted")));
    });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const at = (tick: number, question: string, everyMs: number) => {
    const time: TimeState = { raw: { from: "now-1h", to: "now" }, range: { from: now - 3_600_000, to: now }, zone: "UTC", tick, everyMs, setRange: () => {}, zoomTo: () => {}, refresh: () => {} };
    return (
      <MantineProvider env="test">
        <QueryClientProvider client={queries}>
          <TimeContext value={time}>
            <Box question={question} server={server} />
          </TimeContext>
        </QueryClientProvider>
      </MantineProvider>
    );
  };
  const view = render(at(0, "rate", 0));
  return { asked, show: (tick: number, { question = "rate", everyMs = 0 } = {}) => view.rerender(at(tick, question, everyMs)) };
}

function Box({ question, server }: { question: string; server: (context: { signal: AbortSignal }) => Promise<string> }) {
  const answer = useAnswer([question], server);
  return (
    <Panel title="Rate" of={answer}>
      {answer.isPending ? <Loading what="it" /> : answer.isError ? <Failure error={answer.error} /> : <p>{answer.data}</p>}
    </Panel>
  );
}

const wait = (ms: number) => act(async () => void (await vi.advanceTimersByTimeAsync(ms)));

describe("an answer on the page", () => {
  beforeEach(() => void vi.useFakeTimers({ now }));
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
  });

  it("tells after five seconds how long it takes, not before", async () => {
    ask();
    await wait(4000);
    expect(screen.queryByRole("timer")).toBeNull();
    await wait(2000);
    expect(screen.getByRole("timer")).toHaveTextContent("6 s");
  });

  it("is asked for no more when somebody gives up, until they ask again", async () => {
    const { asked } = ask();
    await wait(6000);
    fireEvent.click(screen.getByRole("button", { name: "Cancel" }));
    await wait(0);
    expect(asked[0]?.signal.aborted).toBe(true);
    expect(screen.getByText("Cancelled")).toBeInTheDocument();
    expect(screen.queryByRole("status", { name: "Loading it" })).toBeNull();
    fireEvent.click(screen.getByRole("button", { name: "Ask again" }));
    await wait(0);
    expect(asked).toHaveLength(2);
    await asked[1]?.answer("3 per second");
    expect(screen.getByText("3 per second")).toBeInTheDocument();
    expect(screen.queryByText("Cancelled")).toBeNull();
  });

  it("stays, dimmed, while the next is waited for and when that is given up", async () => {
    const { asked, show } = ask();
    await wait(0);
    await asked[0]?.answer("old");
    show(1);
    await wait(6000);
    expect(screen.getByRole("region", { name: "Rate" })).toHaveAttribute("aria-busy", "true");
    fireEvent.click(screen.getByRole("button", { name: "Cancel" }));
    await wait(0);
    expect(screen.getByText("old")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Ask again" })).toBeInTheDocument();
    expect(screen.getByRole("region", { name: "Rate" })).toHaveAttribute("aria-busy", "true");
  });

  it("stays when the next fails, with its time and the reason, until there is a newer one", async () => {
    const { asked, show } = ask();
    await wait(0);
    await asked[0]?.answer("old");
    await wait(60_000);
    show(1);
    await wait(0);
    await asked[1]?.refuse("out of memory");
    expect(screen.getByText("old")).toBeInTheDocument();
    expect(screen.getByText("as of 02:00:00")).toBeInTheDocument();
    expect(screen.getByRole("note")).toHaveTextContent("out of memory");
    show(2);
    await wait(0);
    expect(screen.getByRole("note")).toHaveTextContent("out of memory");
    await asked[2]?.answer("new");
    expect(screen.getByText("new")).toBeInTheDocument();
    expect(screen.queryByText(/as of/)).toBeNull();
    expect(screen.queryByRole("note")).toBeNull();
  });

  it("of another question is not shown for one that fails", async () => {
    const { asked, show } = ask();
    await wait(0);
    await asked[0]?.answer("old");
    show(0, { question: "errors" });
    await wait(0);
    await asked[1]?.refuse("no such metric");
    expect(screen.queryByText("old")).toBeNull();
    expect(screen.getByRole("alert")).toHaveTextContent("no such metric");
  });

  it("is as of its time when two refreshes went by without another", async () => {
    const { asked, show } = ask();
    await wait(0);
    await asked[0]?.answer("old");
    show(1, { everyMs: 10_000 });
    await wait(19_000);
    expect(screen.queryByText(/as of/)).toBeNull();
    await wait(2000);
    expect(screen.getByText("as of 02:00:00")).toBeInTheDocument();
  });
});
