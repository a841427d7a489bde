// @vitest-environment jsdom
import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Panel } from "./Panel";

let broken = true;

function Chart() {
  if (broken) throw new Error("values of NaN");
  return <p>the chart</p>;
}

function page() {
  return render(
    <MantineProvider env="test">
      <Panel title="Rate">
        <Chart />
      </Panel>
      <Panel title="Other">
        <p>the other</p>
      </Panel>
    </MantineProvider>,
  );
}

beforeEach(() => {
  broken = true;
  // React tells of what a boundary has caught.
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(cleanup);

test("a panel that cannot be drawn leaves the others, and can be drawn again", async () => {
  page();
  expect(screen.getByText("the other")).toBeInTheDocument();
  expect(screen.getByRole("alert")).toHaveTextContent("Drawing Rate failed");
  expect(screen.getByRole("alert")).toHaveTextContent("values of NaN");
  broken = false;
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(screen.getByText("the chart")).toBeInTheDocument();
});

test("what its makers want to know can be copied", async () => {
  const user = userEvent.setup();
  page();
  await user.click(screen.getByRole("button", { name: "Copy the detail" }));
  const copied = await navigator.clipboard.readText();
  expect(copied).toMatch(/^Oriel /);
  expect(copied).toContain("values of NaN");
  expect(copied).toMatch(/at Chart/);
  expect(copied).toContain(location.href);
});
