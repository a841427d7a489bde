// @vitest-environment jsdom
import { Link, Outlet } from "@tanstack/react-router";
import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";

import { usePageTitle } from "../components/pageTitle";
import { renderPage } from "../test/renderPage";
import { Arrival } from "./Arrival";

function Named() {
  usePageTitle("payment", "Services");
  return null;
}

const page = (inside: boolean) => () => (
  <>
    <h1 tabIndex={-1}>A page</h1>
    {!inside && <Link to="/services/$name" params={{ name: "payment" }}>go</Link>}
    <main id="main">
      {inside && <Link to="/services/$name" params={{ name: "payment" }}>go</Link>}
      <Arrival />
      <Named />
      <Outlet />
    </main>
  </>
);

afterEach(cleanup);

test("the first page takes no focus, and names the tab", async () => {
  renderPage("/services/$name", page(false), "/services/cart");
  await screen.findByRole("heading", { level: 1 });
  expect(document.body).toHaveFocus();
  expect(document.title).toBe("payment · Oriel");
});

test("another page has the focus on its heading, and a name that came with its data is told", async () => {
  renderPage("/services/$name", page(false), "/services/cart");
  await userEvent.click(await screen.findByRole("link", { name: "go" }));
  expect(screen.getByRole("heading", { level: 1 })).toHaveFocus();
  expect(screen.getByRole("status")).toHaveTextContent("payment");
});

test("what is still there keeps the focus: a tab that was chosen is one's place", async () => {
  renderPage("/services/$name", page(true), "/services/cart");
  const link = await screen.findByRole("link", { name: "go" });
  await userEvent.click(link);
  expect(link).toHaveFocus();
});
