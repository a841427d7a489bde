// @vitest-environment jsdom
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";

import { ExposedBanner } from "./ExposedBanner";

afterEach(cleanup);

it("names the addresses that strangers reach", () => {
  render(<ExposedBanner addresses={["0.0.0.0:4319", "[::]:4317"]} />);
  expect(screen.getByRole("alert").textContent).toContain("Anyone who reaches 0.0.0.0:4319, [::]:4317 can read and write everything");
});

it("is not there on loopback", () => {
  const { container } = render(<ExposedBanner addresses={[]} />);
  expect(container.textContent).toBe("");
});
