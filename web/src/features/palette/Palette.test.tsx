// @vitest-environment jsdom
import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { renderPage, serve } from "../../test/renderPage";
import { Palette } from "./Palette";

const answers = {
  "/oriel/api/v1/dashboards": { dashboards: [{ uid: "shop", title: "Shop health", tags: ["team"] }] },
  "/api/v1/label/__name__/values": { status: "success", data: ["payment_total", "up"] },
  "/api/v1/label/service_name/values": { status: "success", data: ["payment"] },
  "/loki/api/v1/label/service_name/values": { status: "success", data: ["cart", "payment"] },
  "/api/v1/alerts": { status: "success", data: { alerts: [{ labels: { alertname: "Down", job: "shop/cart" }, annotations: {}, state: "firing", value: "1" }] } },
};

const onClose = vi.fn();
const onHelp = vi.fn();
const open = () => renderPage("/", () => <Palette onClose={onClose} onHelp={onHelp} />, "/?from=now-6h&to=now");
const input = () => screen.findByRole("combobox", { name: "Go to, or do" });
const options = () => within(screen.getByRole("listbox")).getAllByRole("option").map((one) => one.textContent);

beforeEach(() => {
  localStorage.clear();
  Element.prototype.scrollIntoView ??= () => {};
});
afterEach(() => {
  cleanup();
  vi.clearAllMocks();
  vi.unstubAllGlobals();
});

describe("Palette", () => {
  test("offers a service before the metric of its name, and goes there with the range", async () => {
    serve(answers);
    const { path, param } = open();
    await userEvent.type(await input(), "payment");
    expect(await screen.findByRole("option", { name: "payment_total" })).toBeInTheDocument();
    expect(options()).toEqual(["payment", "payment_total"]);
    await userEvent.keyboard("{Enter}");
    expect(onClose).toHaveBeenCalled();
    await vi.waitFor(() => expect(path()).toBe("/services/payment"));
    expect(param("from")).toBe("now-6h");
  });

  test("narrows by a prefix, and moves with the arrow keys", async () => {
    serve(answers);
    open();
    const field = await input();
    await userEvent.type(field, "@");
    await screen.findByRole("option", { name: "cart" });
    expect(options()).toEqual(["cart", "payment"]);
    expect(screen.getByRole("option", { name: "cart" })).toHaveAttribute("aria-selected", "true");
    await userEvent.keyboard("{ArrowDown}");
    const chosen = screen.getByRole("option", { name: "payment" });
    expect(chosen).toHaveAttribute("aria-selected", "true");
    expect(field).toHaveAttribute("aria-activedescendant", chosen.id);
  });

  test("opens a pasted trace id", async () => {
    serve(answers);
    const { path } = open();
    await userEvent.click(await input());
    await userEvent.paste("4bf92f3577b34da6a3ce929d0e0e4736");
    await userEvent.keyboard("{Enter}");
    await vi.waitFor(() => expect(path()).toBe("/trace/4bf92f3577b34da6a3ce929d0e0e4736"));
  });

  test("runs a pasted query on its page", async () => {
    serve(answers);
    const { path, param } = open();
    await userEvent.click(await input());
    await userEvent.paste('{app="a"} |= "timeout"');
    expect(await screen.findByRole("option", { name: /Run as LogQL/ })).toBeInTheDocument();
    await userEvent.keyboard("{Enter}");
    await vi.waitFor(() => expect(path()).toBe("/explore/logs"));
    expect(param("q")).toBe('{app="a"} |= "timeout"');
  });

  test("silences what fires: the form opens with the alert's labels", async () => {
    serve(answers);
    const { path, param } = open();
    await userEvent.type(await input(), ">silence");
    await userEvent.click(await screen.findByRole("option", { name: /Silence Down/ }));
    await vi.waitFor(() => expect(path()).toBe("/alerts"));
    expect([param("tab"), param("silence")]).toEqual(["silences", '{alertname="Down", job="shop/cart"}']);
  });

  test("says when nothing has that name", async () => {
    serve(answers);
    open();
    await userEvent.type(await input(), "zzzzqq");
    expect(await screen.findByText("Nothing is called “zzzzqq”.")).toBeInTheDocument();
  });

  test("works while the server does not answer", async () => {
    serve({});
    open();
    await userEvent.type(await input(), "keyboard");
    await userEvent.click(await screen.findByRole("option", { name: /Keyboard shortcuts/ }));
    expect(onHelp).toHaveBeenCalled();
  });
});
