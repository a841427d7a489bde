// @vitest-environment jsdom
import { afterEach, describe, expect, it } from "vitest";

import { boot } from "./boot";
import { addressOf, tenantHeaders, tenantName } from "./tenant";

describe("the tenant of the page", () => {
  afterEach(() => {
    boot.apart = false;
    history.replaceState(null, "", "/");
  });

  it("is that of its address, and sent with every request", () => {
    boot.apart = true;
    history.replaceState(null, "", "/explore/logs?tenant=shop%7Cbank");
    expect(tenantHeaders()).toEqual({ "X-Scope-OrgID": "shop|bank" });
  });
  it("is left to the server where the address names none, or there are none", () => {
    boot.apart = true;
    expect(tenantHeaders()).toEqual({});
    boot.apart = false;
    history.replaceState(null, "", "/?tenant=shop");
    expect(tenantHeaders()).toEqual({});
  });
  it("changes in the address and nothing else does", () => {
    expect(addressOf("https://oriel/explore/logs?q=a&tenant=shop", "bank")).toBe("https://oriel/explore/logs?q=a&tenant=bank");
    expect(addressOf("https://oriel/?tenant=shop&from=now-1h", "")).toBe("https://oriel/?from=now-1h");
  });
  it.each([
    ["", "Default tenant"],
    ["shop", "shop"],
    ["|bank|shop", "All tenants"],
    ["bank|shop", "bank + shop"],
  ])("%s is called %s", (tenant, name) => expect(tenantName(tenant, ["", "bank", "shop"])).toBe(name));
});
