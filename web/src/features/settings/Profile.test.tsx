// @vitest-environment jsdom
import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";

import { prefsNow } from "../../components/usePrefs";
import { renderPage } from "../../test/renderPage";
import { Profile } from "./Profile";

beforeEach(() => localStorage.clear());
afterEach(cleanup);

test("what is chosen is kept in the browser", async () => {
  renderPage("/", Profile, "/");
  await userEvent.click(await screen.findByText("High contrast"));
  await userEvent.click(screen.getByText("Compact"));
  await userEvent.click(screen.getByRole("switch", { name: "Single-key shortcuts" }));
  expect(prefsNow()).toMatchObject({ theme: "contrast", density: "compact", shortcuts: false });
});
