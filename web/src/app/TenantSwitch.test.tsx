// @vitest-environment jsdom
import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";

import { boot } from "../lib/boot";
import { renderPage, serve } from "../test/renderPage";
import { TenantSwitch } from "./TenantSwitch";

const left = vi.fn();
const page = () => (
  <>
    <p>the page</p>
    <TenantSwitch leave={left} />
  </>
);
const names = (...tenants: string[]) => ({ "/oriel/api/v1/tenants/visible": { tenants } });

describe("TenantSwitch", () => {
  afterEach(() => {
    cleanup();
    vi.unstubAllGlobals();
    boot.apart = false;
    boot.user = "";
    history.replaceState(null, "", "/");
  });

  it("is not there, and asks nothing, where data is not kept apart", async () => {
    const asked = serve(names("", "shop"));
    renderPage("/", page, "/");
    await screen.findByText("the page");
    expect(asked).toEqual([]);
    expect(screen.queryByRole("combobox")).toBeNull();
  });

  it("asks nothing before a login", async () => {
    boot.apart = true;
    const asked = serve(names("", "shop"));
    renderPage("/", page, "/");
    await screen.findByText("the page");
    expect(asked).toEqual([]);
  });

  it("is not there for those who may ask about one", async () => {
    boot.apart = true;
    boot.user = "ada";
    const asked = serve(names("shop"));
    renderPage("/", page, "/");
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(screen.queryByRole("combobox")).toBeNull();
  });

  it("shows which the address names, and leads to the address of another", async () => {
    boot.apart = true;
    boot.user = "ada";
    serve(names("", "bank", "shop"));
    history.replaceState(null, "", "/?tenant=shop&q=a");
    renderPage("/", page, "/?tenant=shop");
    const field = await screen.findByRole("combobox", { name: "Tenant" });
    expect(field).toHaveValue("shop");
    await userEvent.click(field);
    expect(screen.getAllByRole("option", { hidden: true }).map((one) => one.textContent)).toEqual(["Default tenant", "bank", "shop", "All tenants"]);
    await userEvent.click(screen.getByRole("option", { name: "bank", hidden: true }));
    expect(new URL(String(left.mock.calls[0]?.[0])).search).toBe("?q=a&tenant=bank");
  });
});
