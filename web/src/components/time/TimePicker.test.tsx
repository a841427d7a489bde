// @vitest-environment jsdom
import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import type { TimeState } from "./TimeContext";
import { TimePicker } from "./TimePicker";

function picker(state: Partial<TimeState> = {}) {
  const time: TimeState = {
    raw: { from: "now-1h", to: "now" },
    range: { from: 1_000_000, to: 2_000_000 },
    zone: "UTC",
    tick: 0,
    setRange: vi.fn(),
    zoomTo: vi.fn(),
    refresh: vi.fn(),
    ...state,
  };
  const onTz = vi.fn();
  const onRefresh = vi.fn();
  render(
    <MantineProvider env="test">
      <TimePicker time={time} tz="utc" onTz={onTz} refresh="off" onRefresh={onRefresh} fetching={false} />
    </MantineProvider>,
  );
  return { time, onTz, onRefresh, field: screen.getByRole("textbox", { name: "Time range" }) };
}

afterEach(cleanup);

test("names the range", () => expect(picker().field).toHaveValue("Last 1 hour"));

test("sets a typed range on Enter", async () => {
  const { time, field } = picker();
  await userEvent.click(field);
  await userEvent.clear(field);
  await userEvent.type(field, "45m{Enter}");
  expect(time.setRange).toHaveBeenCalledWith({ from: "now-45m", to: "now" });
});

test("refuses nonsense with a reason and keeps the text", async () => {
  const { time, field } = picker();
  await userEvent.clear(field);
  await userEvent.type(field, "soon{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent('"soon" is not a time range');
  expect(field).toHaveValue("soon");
  expect(time.setRange).not.toHaveBeenCalled();
  await userEvent.type(field, "{Escape}");
  expect(field).toHaveValue("Last 1 hour");
});

test("sets a preset on click", async () => {
  const { time, field } = picker();
  await userEvent.click(field);
  await userEvent.click(await screen.findByRole("button", { name: "Last 6 hours" }));
  expect(time.setRange).toHaveBeenCalledWith({ from: "now-6h", to: "now" });
});

test("shifts by half the range, zooms out, refreshes", async () => {
  const { time } = picker();
  await userEvent.click(screen.getByRole("button", { name: "Half a range back" }));
  expect(time.zoomTo).toHaveBeenLastCalledWith({ from: 500_000, to: 1_500_000 });
  await userEvent.click(screen.getByRole("button", { name: "Half a range forward" }));
  expect(time.zoomTo).toHaveBeenLastCalledWith({ from: 1_500_000, to: 2_500_000 });
  await userEvent.click(screen.getByRole("button", { name: "Zoom out" }));
  expect(time.zoomTo).toHaveBeenLastCalledWith({ from: 500_000, to: 2_500_000 });
  await userEvent.click(screen.getByRole("button", { name: "Refresh" }));
  expect(time.refresh).toHaveBeenCalledOnce();
});
