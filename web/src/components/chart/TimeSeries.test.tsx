// @vitest-environment jsdom
import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { stubSizes } from "../../test/sizes";
import { TimeSeries } from "./TimeSeries";

// jsdom draws nothing: what the canvas shows is for the journeys in a browser.
const drawn = vi.hoisted(() => vi.fn());
vi.mock("./Plot", () => ({ Plot: (props: unknown) => (drawn(props), null) }));

const at = Date.UTC(2024, 10, 22, 2) / 1000;
const times = [at, at + 60, at + 120];
const series = [
  { name: "cart", times, values: [1, null, 3] },
  { name: "payment", times, values: [10, 20, 5] },
];

test("series at the right have its unit wherever their values are told", async () => {
  const user = userEvent.setup();
  const two = [{ name: "calls", times, values: [1, 2, 3] }, { name: "p95", times, values: [0.1, 0.2, 0.3], right: true, above: "p50" }, { name: "p50", times, values: [0.05, 0.1, 0.1], right: true }];
  render(
    <MantineProvider env="test">
      <TimeSeries label="Calls" series={two} range={{ from: at * 1000, to: (at + 120) * 1000 }} zone="UTC" unit="reqps" rightUnit="s" />
    </MantineProvider>,
  );
  await vi.waitFor(() => expect(drawn).toHaveBeenLastCalledWith(expect.objectContaining({ right: [false, true, true], above: [-1, 2, -1] })));
  expect(screen.getByRole("button", { name: /^p95/ })).toHaveTextContent("p95 (right)");
  await user.tab();
  await user.keyboard("{ArrowLeft}");
  expect(said()).toMatch(/: calls 3.req\/s, p95 300.ms, p50 100.ms$/);
});

test("where series are stacked there is one axis", async () => {
  render(
    <MantineProvider env="test">
      <TimeSeries label="Calls" kind="stacked" series={[{ name: "a", times, values: [1, 2, 3], right: true, above: "b" }, { name: "b", times, values: [1, 1, 1] }]} range={{ from: at * 1000, to: (at + 120) * 1000 }} zone="UTC" />
    </MantineProvider>,
  );
  await vi.waitFor(() => expect(drawn).toHaveBeenLastCalledWith(expect.objectContaining({ right: [false, false], above: [-1, -1] })));
});

const chart = () =>
  render(
    <MantineProvider env="test">
      <TimeSeries label="Calls" series={series} range={{ from: at * 1000, to: (at + 120) * 1000 }} zone="UTC" unit="short" />
    </MantineProvider>,
  );
const picture = () => screen.getByRole("img", { name: /^Calls/ });
const said = () => document.querySelector("output")?.textContent ?? "";

beforeEach(() => {
  stubSizes();
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

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
  await vi.waitFor(() => expect(picture()).toHaveFocus());
});
