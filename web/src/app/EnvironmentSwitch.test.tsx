// @vitest-environment jsdom
import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { renderPage, serve } from "../test/renderPage";
import { EnvironmentNote } from "./EnvironmentNote";
import { EnvironmentSwitch } from "./EnvironmentSwitch";

const profile = (name: string, ...environments: string[]) => ({ name, spans: true, logs: true, namespaces: [], environments, languages: [], versions: [], instances: 1, pods: [], hosts: [] });
const runs = (...profiles: unknown[]) => ({ "/oriel/api/v1/services/profiles": { profiles } });
const page = () => (
  <>
    <EnvironmentSwitch />
    <EnvironmentNote />
    <p>the page</p>
  </>
);

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("EnvironmentSwitch", () => {
  it("is not there where all services run in one environment, or say nothing of it", async () => {
    const asked = serve(runs(profile("cart", "prod"), profile("payment")));
    renderPage("/services", page, "/services");
    await vi.waitFor(() => expect(asked).toHaveLength(1), { timeout: 3000 });
    expect(screen.queryByRole("combobox")).toBeNull();
  });

  it("asks after what the page itself asks, and nothing is said of what it is refused", async () => {
    const asked = serve({});
    renderPage("/services", page, "/services");
    await screen.findByText("the page");
    expect(asked).toEqual([]);
    await vi.waitFor(() => expect(asked).toHaveLength(1), { timeout: 3000 });
    expect(screen.queryByRole("combobox")).toBeNull();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("puts the choice into the address, and takes it out again", async () => {
    serve(runs(profile("cart", "staging"), profile("payment", "prod")));
    const { param } = renderPage("/services", page, "/services");
    const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
    await user.click(await screen.findByRole("combobox", { name: "Environment" }, { timeout: 3000 }));
    expect(screen.getAllByRole("option").map((one) => one.textContent)).toEqual(["prod", "staging"]);
    await user.click(screen.getByRole("option", { name: "prod" }));
    expect(param("env")).toBe("prod");
  });

  it("shows what the address names, before it is known which there are", async () => {
    serve({});
    renderPage("/services", page, "/services?env=prod");
    expect(await screen.findByRole("combobox", { name: "Environment" })).toHaveValue("prod");
  });
});

describe("a page and an environment", () => {
  const labels = { "/loki/api/v1/label/deployment_environment_name/values": { status: "success", data: [] }, "/loki/api/v1/label/deployment_environment/values": { status: "success", data: ["prod"] } };

  it("says that it shows all of them, where it does", async () => {
    serve({});
    const { param } = renderPage("/alerts", page, "/alerts?env=prod");
    expect(await screen.findByRole("note")).toHaveTextContent("This page is about all environments, not prod alone.");
    await userEvent.setup({ advanceTimers: vi.advanceTimersByTime }).click(screen.getByRole("button", { name: "Show all environments everywhere" }));
    expect(param("env")).toBeNull();
    expect(screen.queryByRole("note")).toBeNull();
  });

  it("says nothing where it shows one, nor where none is chosen", async () => {
    serve({});
    renderPage("/services", page, "/services?env=prod");
    await screen.findByText("the page");
    expect(screen.queryByRole("note")).toBeNull();
    cleanup();
    renderPage("/alerts", page, "/alerts");
    await screen.findByText("the page");
    expect(screen.queryByRole("note")).toBeNull();
  });

  it("of logs without a query begins with a filter, by the label that has it", async () => {
    serve(labels);
    const { param } = renderPage("/explore/logs", page, "/explore/logs?env=prod");
    await vi.waitFor(() => expect(param("q")).toBe('{deployment_environment="prod"}'));
    expect(param("env")).toBe("prod");
    expect(screen.queryByRole("note")).toBeNull();
  });

  it("of logs with a query leaves that alone, and says what it does not say", async () => {
    const asked = serve(labels);
    const { param } = renderPage("/explore/logs", page, `/explore/logs?${new URLSearchParams({ env: "prod", q: '{service_name="cart"}' })}`);
    expect(await screen.findByRole("note")).toHaveTextContent("The query says nothing of prod");
    expect(param("q")).toBe('{service_name="cart"}');
    expect(asked.filter(({ pathname }) => pathname.startsWith("/loki"))).toEqual([]);
  });
});
