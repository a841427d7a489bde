// @vitest-environment jsdom
import { MantineProvider, Menu } from "@mantine/core";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import { LazyMenu } from "./LazyMenu";

afterEach(cleanup);

const show = (onTake = () => {}) =>
  render(
    <MantineProvider env="test">
      <LazyMenu target={<button type="button">More</button>}>
        <Menu.Item onClick={onTake}>Take</Menu.Item>
      </LazyMenu>
    </MantineProvider>,
  );

test("the first click on the button opens the menu, and an item acts", async () => {
  const taken = vi.fn<() => void>();
  show(taken);
  expect(screen.getByRole("button", { name: "More" }).getAttribute("aria-haspopup")).toBe("menu");
  expect(screen.queryByRole("menu")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "More" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Take" }));
  expect(taken).toHaveBeenCalledOnce();
  await waitFor(() => expect(screen.queryByRole("menuitem")).toBeNull());
});

test("by keyboard: it opens, closes, gives the focus back, and opens again", async () => {
  show();
  await userEvent.tab();
  await userEvent.keyboard("{Enter}");
  await screen.findByRole("menuitem", { name: "Take" });
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("menuitem")).toBeNull());
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "More" })));
  await userEvent.keyboard("{Enter}");
  expect(await screen.findByRole("menuitem", { name: "Take" })).toBeTruthy();
});
