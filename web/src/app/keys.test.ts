import { expect, test } from "vitest";

import { keyName, keysOf } from "./keys";
import { shellKey, shellKeys } from "./shellKeys";

test("the list begins with the keys of the page on show", () => {
  expect(keysOf("/alerts").map(({ title }) => title)).toEqual(["Alerts", "Everywhere", "On a chart that has the focus", "Go to"]);
  expect(keysOf("/explore/logs").map(({ title }) => title)[0]).toBe("Logs");
  expect(keysOf("/data").map(({ title }) => title)).toEqual(["Everywhere", "On a chart that has the focus", "Go to"]);
});

test("no key of a page does two things", () => {
  for (const path of ["/alerts", "/explore/metrics", "/explore/logs", "/explore/traces", "/trace/1", "/d/1"]) {
    // A chart with the focus takes its keys before the page.
    const keys = keysOf(path).flatMap(({ title, keys: all }) => (title.startsWith("On a chart") ? [] : all.map(([key]) => key)));
    expect(new Set(keys).size, path).toBe(keys.length);
  }
});

test("keys have the names that are on them", () => {
  expect(keyName("Ctrl", "MacIntel")).toBe("⌘");
  expect(keyName("Ctrl", "Linux x86_64")).toBe("Ctrl");
  expect(keyName("k", "MacIntel")).toBe("k");
});

const typed: Record<string, string> = { "←": "ArrowLeft", "→": "ArrowRight" };

// The palette's works while one types, and is no single key.
test.each(shellKeys.filter(({ keys }) => keys !== "Ctrl K"))("$keys is found as it is typed", (one) => {
  const [last = "", before = ""] = one.keys.split(" ").toReversed();
  expect(shellKey(before === "Shift" ? "" : before, typed[last] ?? last)).toBe(one);
});

test("other keys are nothing of the shell's", () => {
  expect(shellKey("", "z")).toBeUndefined();
  expect(shellKey("t", "R")).toBeUndefined();
  expect(shellKey("", "ArrowLeft")).toBeUndefined();
});
