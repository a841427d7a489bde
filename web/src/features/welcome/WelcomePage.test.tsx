// @vitest-environment jsdom
import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import { renderPage, serve } from "../../test/renderPage";
import { WelcomePage } from "./WelcomePage";

const last = "2026-11-22T15:00:00Z";
const open = (url = "/") => renderPage("/", WelcomePage, url);

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a tile turns green when its data arrives", async () => {
  let rows = 0;
  serve({ "/oriel/api/v1/onboarding/check": () => ({ empty: rows === 0, ingest: { accepted: [{ protocol: "otlp_http", signal: "logs", rows: rows, last }], rejections: [], senders: rows === 0 ? [] : ["cart", "payment"].map((service) => ({ protocol: "otlp_http", signal: "logs", tenant: "", service, rows, last })) } }) });
  open();
  expect(await screen.findByText(/Nothing has arrived yet/)).toBeInTheDocument();
  expect(screen.getByText("Waiting for the first rows…")).toBeInTheDocument();
  rows = 3;
  await waitFor(() => expect(screen.getByText(/Received 3 rows of logs from service=cart and 1 more, the newest/)).toBeInTheDocument(), { timeout: 5000 });
  expect(screen.getByRole("button", { name: /^curl/ })).toHaveAttribute("data-state", "arrived");
  expect(screen.getByRole("link", { name: "See the lines" })).toHaveAttribute("href", "/explore/logs");
});

test("a refusal is told in the server's words", async () => {
  let asked = 0;
  serve({ "/oriel/api/v1/onboarding/check": () => ({ empty: true, ingest: { accepted: [], rejections: asked++ === 0 ? [] : [{ protocol: "loki", signal: "logs", reason: "too_old", rows: 1, example: "line of 2001", last }] } }) });
  open("/?shipper=promtail");
  await waitFor(() => expect(screen.getByText("Refused: too_old: line of 2001")).toBeInTheDocument(), { timeout: 5000 });
});

test("the chosen sender's snippet has this server's address", async () => {
  serve({ "/oriel/api/v1/onboarding/check": { empty: false } });
  open();
  await userEvent.click(await screen.findByRole("button", { name: /^Prometheus/ }));
  expect(screen.getByRole("figure", { name: "prometheus.yml" })).toHaveTextContent(`${location.origin}/api/v1/write`);
});

test("the set-up link makes the first administrator, with a password that is long enough and typed twice", async () => {
  const asked = serve({ "/oriel/api/v1/auth/setup": { name: "admin" } });
  const leave = vi.fn();
  vi.stubGlobal("location", { ...location, origin: location.origin, assign: leave });
  open("/?setup=secret");
  const make = await screen.findByRole("button", { name: "Make the account" });
  await userEvent.type(screen.getByLabelText(/^Password \*|^Password$/), "correct horse battery");
  expect(make).toBeDisabled();
  await userEvent.type(screen.getByLabelText(/^Password again/), "correct horse battery");
  await userEvent.click(make);
  await waitFor(() => expect(leave).toHaveBeenCalledWith("/welcome"));
  expect(asked.at(-1)?.pathname).toBe("/oriel/api/v1/auth/setup");
});
