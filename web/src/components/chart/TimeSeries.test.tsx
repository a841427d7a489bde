// @vitest-environment jsdom
import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { TimeSeries } from "./TimeSeries";

// jsdom draws nothing: what the canvas shows is for the journeys in a browser.
vi.mock("./Plot", () => ({ Plot: () => null }));

const at = Date.UTC(2024, 10, 22, 2) / 1000;
const times = [at, at + 60, at + 120];
const series = [
  { name: "cart", times, values: [1, null, 3] },
  { name: "payment", times, values: [10, 20, 5] },
];

const chart = () =>
  render(
    <MantineProvider env="test">
      <TimeSeries label="Calls" series={series} range={{ from: at * 1000, to: (at + 120) * 1000 }} zone="UTC" unit="short" />
    </MantineProvider>,
  );
const picture = () => screen.getByRole("img", { name: /^Calls/ });
const said = () => document.querySelector("output")?.textContent ?? "";

beforeEach(() => void vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600));
afterEach(cleanup);

test("the arrows move through a chart's moments, whose largest values are read out", async () => {
  const user = userEvent.setup();
  chart();
  await user.tab();
  expect(picture()).toHaveFocus();
  expect(said()).toBe("");
  await user.keyboard("{ArrowLeft}");
  expect(said()).toMatch(/02:02:00.*: payment 5, cart 3$/);
  await user.keyboard("{ArrowLeft}");
  expect(said()).toMatch(/02:01:00.*: payment 20$/);
  await user.keyboard("{Home}");
  expect(said()).toMatch(/02:00:00.*: payment 10, cart 1$/);
  await user.keyboard("{Escape}");
  expect(said()).toBe("");
});

test("Enter opens the same in rows", async () => {
  const user = userEvent.setup();
  chart();
  await user.tab();
  await user.keyboard("{Enter}");
  const table = within(await screen.findByRole("table", { name: "Data of Calls" }, { timeout: 5000 }));
  expect(table.getAllByRole("columnheader").map((one) => one.textContent)).toEqual([expect.stringMatching(/^Time/), "cart", "payment"]);
  expect(table.getAllByRole("row").map((row) => within(row).queryAllByRole("cell").map((cell) => cell.textContent).slice(1))).toEqual([[], ["3", "5"], ["–", "20"], ["1", "10"]]);
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("table")).toBeNull();
});
