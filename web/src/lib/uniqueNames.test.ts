import { expect, it } from "vitest";

import { uniqueNames } from "./uniqueNames";

it("numbers the names that came before, and leaves the others", () => {
  expect(uniqueNames(["a", "b", "a", "", "a", ""])).toEqual(["a", "b", "a (2)", "", "a (3)", " (2)"]);
});
