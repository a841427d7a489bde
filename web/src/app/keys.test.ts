import { expect, test } from "vitest";

import { keyName, keysOf } from "./keys";

test("the list begins with the keys of the page on show", () => {
  expect(keysOf("/alerts").map(({ title }) => title)).toEqual(["Alerts", "Everywhere", "Go to"]);
  expect(keysOf("/explore/logs").map(({ title }) => title)[0]).toBe("Logs");
  expect(keysOf("/data").map(({ title }) => title)).toEqual(["Everywhere", "Go to"]);
});

test("no key of a page does two things", () => {
  for (const path of ["/alerts", "/explore/metrics", "/explore/logs", "/explore/traces", "/trace/1", "/d/1"]) {
    const keys = keysOf(path).flatMap((group) => group.keys.map(([key]) => key));
    expect(new Set(keys).size, path).toBe(keys.length);
  }
});

test("keys have the names that are on them", () => {
  expect(keyName("Ctrl", "MacIntel")).toBe("⌘");
  expect(keyName("Ctrl", "Linux x86_64")).toBe("Ctrl");
  expect(keyName("k", "MacIntel")).toBe("k");
});
