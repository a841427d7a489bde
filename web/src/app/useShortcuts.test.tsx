// @vitest-environment jsdom
import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { useTime } from "../components/time/TimeContext";
import { pages } from "../lib/pages";
import { NOW, renderPage } from "../test/renderPage";
import { useShortcuts } from "./useShortcuts";

const shell = { onHelp: vi.fn(), onPalette: vi.fn(), onCopyLink: vi.fn() };

function Page() {
  useShortcuts(shell);
  const { range, raw } = useTime();
  return (
    <>
      <input data-search="" aria-label="Search" />
      <input data-query="" aria-label="Query" />
      <p>there</p>
      <output>{`${raw.to === "now" ? "moving" : "fixed"} ${(range.to - range.from) / 3_600_000} h`}</output>
    </>
  );
}

const open = async () => {
  const page = renderPage("/data", Page, "/data");
  await screen.findByText("there");
  return page;
};

beforeEach(() => void vi.spyOn(Date, "now").mockReturnValue(NOW));
afterEach(() => {
  cleanup();
  vi.clearAllMocks();
  vi.restoreAllMocks();
});

test.each([
  ["?", shell.onHelp],
  ["y", shell.onCopyLink],
  ["{Control>}k{/Control}", shell.onPalette],
] as const)("%s", async (keys, called) => {
  await open();
  await userEvent.keyboard(keys);
  expect(called).toHaveBeenCalledOnce();
});

test.each([
  ["tz", "fixed 2 h"],
  ["ta", "fixed 1 h"],
  ["t{ArrowLeft}", "fixed 1 h"],
  ["z", "moving 1 h"],
])("%s makes the range %s", async (keys, range) => {
  await open();
  await userEvent.keyboard(keys);
  expect(screen.getByText(range)).toBeVisible();
});

test("/ goes to the query before a field that searches", async () => {
  await open();
  await userEvent.keyboard("/");
  expect(screen.getByRole("textbox", { name: "Query" })).toHaveFocus();
});

test("keys that are typed into a field are text", async () => {
  await open();
  await userEvent.type(screen.getByRole("textbox", { name: "Search" }), "?yr");
  expect(shell.onHelp).not.toHaveBeenCalled();
  expect(shell.onCopyLink).not.toHaveBeenCalled();
});

test("g and a page's key go there", async () => {
  const { path } = await open();
  await userEvent.keyboard("gm");
  await vi.waitFor(() => expect(path()).toBe("/explore/metrics"));
  const keys = pages.flatMap(({ key }) => key ?? []);
  expect(new Set(keys).size, "no key is that of two pages").toBe(keys.length);
});
