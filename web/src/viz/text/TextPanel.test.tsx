// @vitest-environment jsdom
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";

import { renderPanel } from "../testPanel";
import { TextPanel } from "./TextPanel";

afterEach(cleanup);

it("reads Markdown", () => {
  renderPanel(TextPanel, { frames: [], options: { content: "# Title\n\n- [site](https://example.com)" } });
  expect(screen.getByRole("heading", { name: "Title" })).toBeVisible();
  expect(screen.getByRole("link", { name: "site" })).toHaveAttribute("rel", "noopener noreferrer");
});

it("shows HTML without what could run", () => {
  const { container } = renderPanel(TextPanel, { frames: [], options: { mode: "html", content: "<b>bold</b><script>x</script>" } });
  expect(container.querySelector("b")).toHaveTextContent("bold");
  expect(container.querySelector("script")).toBeNull();
});

it("shows code as it is", () => {
  renderPanel(TextPanel, { frames: [], options: { mode: "code", content: "<b>x</b>" } });
  expect(screen.getByText("<b>x</b>")).toBeVisible();
});
