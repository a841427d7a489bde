// @vitest-environment jsdom
import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import { Refusal, renderPage, serve } from "../../test/renderPage";
import { Tokens, Users } from "./people";

const base = "/oriel/api/v1/auth";
const ada = { name: "ada", roles: ["admin"], totp: true, disabled: false, created: "2026-01-01T00:00:00Z", last_login: null };
const token = { id: "t1", name: "ci", scopes: ["logs:write"], tenant: "", networks: [], created: "2026-01-01T00:00:00Z", expires: null, last_used: null, creator: "ada" };

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("users are listed with their roles", async () => {
  serve({ [`${base}/users`]: [ada], [`${base}/roles`]: [] });
  renderPage("/", Users, "/");
  const row = (await screen.findAllByRole("row"))[1];
  expect(row).toHaveTextContent(/adaadminyesnever/);
});

test("removing asks a second time", async () => {
  const asked = serve({ [`${base}/users`]: [ada], [`${base}/roles`]: [] });
  renderPage("/", Users, "/");
  await userEvent.click(await screen.findByRole("button", { name: "Remove ada" }));
  expect(asked.some(({ pathname }) => pathname === `${base}/users/ada`)).toBe(false);
  await userEvent.click(screen.getByRole("button", { name: "Really Remove ada" }));
  await vi.waitFor(() => expect(asked.some(({ pathname }) => pathname === `${base}/users/ada`)).toBe(true));
});

test("a role that may not see users says so", async () => {
  serve({ [`${base}/users`]: new Refusal(403, '{"error":"eve may not use this, which takes admin"}'), [`${base}/roles`]: [] });
  renderPage("/", Users, "/");
  expect(await screen.findByRole("alert")).toHaveTextContent("eve may not use this");
});

test("the secret of a token is shown once, when it is made", async () => {
  let made = false;
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
    if (init?.method === "POST") made = true;
    const answer = init?.method === "POST" ? { ...token, token: "oriel_secret" } : String(input).endsWith("/tokens") ? [token] : [];
    return new Response(JSON.stringify(answer), { status: 200 });
  });
  renderPage("/", Tokens, "/");
  const form = await screen.findByRole("form", { name: "Make a token" });
  expect(screen.queryByText("oriel_secret")).toBeNull();
  await userEvent.type(within(form).getByRole("textbox", { name: /^Name/ }), "ci");
  await userEvent.click(within(form).getByRole("button", { name: "Make the token" }));
  expect(await screen.findByText("oriel_secret")).toBeInTheDocument();
  expect(made).toBe(true);
});

test("without tokens the list says what one is for", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json([])));
  renderPage("/", Tokens, "/");
  expect(await screen.findByText("No program has a token")).toBeInTheDocument();
  expect(screen.getByRole("form", { name: "Make a token" })).toBeInTheDocument();
});
