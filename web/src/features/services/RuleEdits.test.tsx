// @vitest-environment jsdom
import { cleanup, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { renderPage, serve } from "../../test/renderPage";
import { RuleEdits } from "./RuleEdits";

const change = (name: string, extra: object = {}) => ({ time: "2024-11-22T01:30:00Z", action: "changed", kind: "alert", name, namespace: "page", rules: 1, author: "ada", ...extra });
const rule = (name: string, query: string) => ({ type: "recording", name, query, labels: {}, health: "ok" });
const groups = (...rules: object[]) => ({ status: "success", data: { groups: [{ name: "shop", file: "", interval: 60, rules }] } });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("rules that name the service as a word are told of, with who changed them and the way there", async () => {
  serve({
    "/oriel/api/v1/rules/changes": { changes: [change("CartFails"), change("CartridgeFails"), change("CartFails", { action: "deleted" }), change("cart:rate", { kind: "record", action: "created", author: undefined })] },
    "/api/v1/rules": groups(rule("CartFails", 'up{job="shop/cart"} == 0'), rule("CartridgeFails", 'up{job="cartridge"} == 0'), rule("cart:rate", 'rate(x{service="cart"}[5m])')),
  });
  renderPage("/", () => <RuleEdits service="cart" />, "/");
  const items = within(await screen.findByRole("list", { name: "Rules that were changed" })).getAllByRole("listitem");
  expect(items.map((one) => one.textContent)).toEqual(["rule changed CartFails at 2024-11-22 01:30:00 by ada", "recording rule created cart:rate at 2024-11-22 01:30:00"]);
  expect(within(items[0] as HTMLElement).getByRole("link")).toHaveAttribute("href", "/alerts?tab=rules&filter=CartFails");
});

test("without changes the rules are not even asked for", async () => {
  const asked = serve({ "/oriel/api/v1/rules/changes": { changes: [] } });
  renderPage("/", () => <RuleEdits service="cart" />, "/");
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  await new Promise(requestAnimationFrame);
  expect(asked.map(({ pathname }) => pathname)).toEqual(["/oriel/api/v1/rules/changes"]);
});
