import { expect, test } from "vitest";

import { defaultPrefs, readPrefs } from "./prefs";

test("nothing stored is the defaults", () => expect(readPrefs(null)).toEqual(defaultPrefs));
test("what was stored comes back", () => {
  const mine = { theme: "contrast", density: "compact", series: "distinct", zone: "Europe/Berlin", start: "/alerts", shortcuts: false };
  expect(readPrefs(JSON.stringify(mine))).toEqual(mine);
});
test.each(["", "{", "[]", "7", '{"theme":"pink","shortcuts":"no"}', '{"start":"//elsewhere"}', '{"start":"javascript:x"}'])("what is unreadable is at its default: %s", (text) =>
  expect(readPrefs(text)).toEqual(defaultPrefs),
);
test("one bad value leaves the others", () => expect(readPrefs('{"theme":"dark","density":3}')).toEqual({ ...defaultPrefs, theme: "dark" }));
