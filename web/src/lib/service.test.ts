import { describe, expect, it, test } from "vitest";

import { errorLogsOf, serviceOf, tracesOf } from "./service";

describe("the service of a series", () => {
  it.each([
    [{ service_name: "a", job: "x/y" }, "a"],
    [{ service: "b" }, "b"],
    [{ job: "shop/checkout" }, "checkout"],
    [{ job: "oriel" }, "oriel"],
    [{ pod: "p" }, ""],
  ])("%j", (labels, want) => expect(serviceOf(labels)).toBe(want));
});

test("queries about a service quote its name", () => {
  expect(tracesOf('a"b')).toBe('{ resource.service.name = "a\\"b" }');
  expect(errorLogsOf("cart")).toBe('{service_name="cart"} | detected_level=~"error|fatal|critical"');
});
