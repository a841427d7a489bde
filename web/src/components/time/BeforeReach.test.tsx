// @vitest-environment jsdom
import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { boot } from "../../lib/boot";
import { NOW, renderPage } from "../../test/renderPage";
import { BeforeReach } from "./BeforeReach";
import { useTime } from "./TimeContext";

function Page() {
  const { setRange, raw } = useTime();
  return (
    <>
      <BeforeReach signal="logs" />
      <output aria-label="from">{raw.from}</output>
      <button type="button" onClick={() => setRange({ from: "now-30d", to: "now" })}>
        Far
      </button>
    </>
  );
}

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  boot.reach = {};
});

test("a range that begins before what is kept says so, and leads to what is", async () => {
  boot.reach = { logs: 14 * 86_400_000 };
  renderPage("/", Page, "/");
  const far = await screen.findByRole("button", { name: "Far" });
  expect(screen.queryByRole("note")).toBeNull();
  await userEvent.click(far);
  expect(screen.getByRole("note")).toHaveTextContent("The range begins before what is kept of logs: from 2024-11-08 02:00:00 on.");
  await userEvent.click(screen.getByRole("button", { name: "Show from there on" }));
  expect(screen.getByLabelText("from")).toHaveTextContent(String(NOW - 14 * 86_400_000));
  expect(screen.queryByRole("note")).toBeNull();
});

test("what is kept for ever has no beginning", async () => {
  renderPage("/", Page, "/");
  await userEvent.click(await screen.findByRole("button", { name: "Far" }));
  expect(screen.queryByRole("note")).toBeNull();
});
