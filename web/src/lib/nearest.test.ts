import { expect, test } from "vitest";

import { nearest } from "./nearest";

test.each([
  ["servce_name", ["app", "service_name", "service_version"], "service_name"],
  ["service.name", ["service", "service_name"], "service_name"],
  ["Cart", ["card", "cart"], "cart"],
  ["paymnet", ["payment", "payments"], "payment"],
  ["app", ["apps", "job"], "apps"],
  ["cart", ["cart", "card"], undefined],
  ["checkout", ["payment", "storefront"], undefined],
  ["x", ["production"], undefined],
  ["a", [], undefined],
])("%s among %j is meant to be %s", (word, candidates, want) => {
  expect(nearest(word, candidates)).toBe(want);
});
