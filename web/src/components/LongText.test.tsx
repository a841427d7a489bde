// @vitest-environment jsdom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";

import { LongText } from "./LongText";

afterEach(cleanup);

test("a short text is whole, without a button", () => {
  const { container } = render(<LongText text={"one\ntwo"} />);
  expect(container).toHaveTextContent("one two");
  expect(screen.queryByRole("button")).toBeNull();
});

test.each([
  ["of twenty kilobytes", "a".repeat(20_000), /Show all 20.kB/],
  ["of many lines", Array.from({ length: 40 }, (_, index) => `line ${index}`).join("\n"), /Show all 3\d\d.B/],
])("a text %s is shown by its beginning, and whole when asked for", async (_, text, button) => {
  const { container } = render(<LongText text={text} />);
  expect(container.textContent.length).toBeLessThan(2100);
  await userEvent.click(screen.getByRole("button", { name: button }));
  expect(container.textContent).toContain(text);
  await userEvent.click(screen.getByRole("button", { name: "Show less" }));
  expect(container.textContent).not.toContain(text);
});
