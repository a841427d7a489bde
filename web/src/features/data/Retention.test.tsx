// @vitest-environment jsdom
import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import { renderPage } from "../../test/renderPage";
import { Retention } from "./Retention";

const logs = { signal: "logs", period: "30d", configured: "2w", key: "storage.event.retention", updated: "2026-01-01T00:00:00Z", updatedBy: "ada", except: [{ selector: '{app="pay"}', period: "90d" }] };
const metrics = { signal: "metrics", period: "15d", configured: "15d", key: "storage.metric.retention", except: [] };

/** Answers as the server would that deletes something when logs are kept for less than 30d; returns what was changed. */
function answer(editable: boolean): string[] {
  const changes: string[] = [];
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
    const asked = new URL(String(input), location.origin);
    if (!init?.method || init.method === "GET") return Response.json({ editable, signals: [metrics, logs] });
    const period = init.method === "DELETE" ? "2w" : (JSON.parse(String(init.body)) as { period: string }).period;
    if (!asked.searchParams.has("dry_run")) changes.push(`${init.method} ${asked.pathname} ${period}`);
    const less = period === "2w" || period === "7d";
    return Response.json({ signal: "logs", period, dryRun: true, files: less ? 3 : 0, rows: less ? 12_000 : 0, bytes: less ? 2048 : 0, ...(less && { before: "2026-01-03T00:00:00Z" }) });
  });
  return changes;
}

async function change(signal: string) {
  renderPage("/", Retention, "/");
  await userEvent.click(await screen.findByRole("button", { name: `Change how long ${signal} are kept` }));
  const form = within(await screen.findByRole("form", { name: `How long ${signal} are kept` }));
  return { form, keep: form.getByRole("textbox", { name: "Keep for" }) };
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("each signal has its time, who said so, and what is kept for another", async () => {
  answer(true);
  renderPage("/", Retention, "/");
  const [, first, second] = within(await screen.findByRole("table", { name: "Retention" })).getAllByRole("row");
  expect(first).toHaveTextContent(/^metrics15dof storage\.metric\.retention–/);
  expect(second).toHaveTextContent(/logs30dada said so here.*oriel\.yaml says 2w\{app="pay"\}: 90d/);
});

test("what a shorter time deletes is said, and the signal's name typed, before it is changed", async () => {
  const changes = answer(true);
  const { form, keep } = await change("logs");
  await userEvent.clear(keep);
  await userEvent.type(keep, "7d");
  expect(await form.findByText(/^12.000$/)).toBeInTheDocument();
  expect(form.getByRole("status")).toHaveTextContent(/3 parts.*older than 2026-01-03/);
  const go = form.getByRole("button", { name: "Keep less, and delete the rest" });
  expect(go).toBeDisabled();
  await userEvent.type(form.getByRole("textbox", { name: /type logs$/ }), "logs");
  await userEvent.click(go);
  await waitFor(() => expect(changes).toEqual(["PUT /oriel/api/v1/retention/logs 7d"]));
});

test("what deletes nothing needs no name, and what the file says is not kept besides", async () => {
  const changes = answer(true);
  const { form, keep } = await change("logs");
  await userEvent.clear(keep);
  await userEvent.type(keep, "1y");
  await form.findByText(/deletes nothing/);
  expect(form.queryByRole("textbox", { name: /type logs/ })).toBeNull();
  await userEvent.click(form.getByRole("button", { name: "As in oriel.yaml" }));
  await userEvent.type(await form.findByRole("textbox", { name: /type logs/ }), "logs");
  await userEvent.click(form.getByRole("button", { name: "Keep less, and delete the rest" }));
  await waitFor(() => expect(changes).toEqual(["DELETE /oriel/api/v1/retention/logs 2w"]));
});

test.each(["7", "1.5d", "-3d", "d", ""])("%j is no time", async (text) => {
  answer(true);
  const { form, keep } = await change("logs");
  await userEvent.clear(keep);
  if (text !== "") await userEvent.type(keep, text);
  expect(await form.findByText(/or 0\.$/)).toBeInTheDocument();
  expect(form.getByRole("button", { name: "Change" })).toBeDisabled();
});

test("where the file alone may say it, the page says what to write there", async () => {
  const changes = answer(false);
  const { form, keep } = await change("metrics");
  await userEvent.clear(keep);
  await userEvent.type(keep, "40d");
  expect(await form.findByText(/retention: 40d/)).toHaveTextContent("storage: metric: retention: 40d");
  expect(form.queryByRole("button", { name: "Change" })).toBeNull();
  expect(changes).toEqual([]);
});
