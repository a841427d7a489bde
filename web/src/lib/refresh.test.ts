import { describe, expect, it } from "vitest";

import { refreshMs } from "./refresh";

describe("the refresh interval", () => {
  const hour = { from: 0, to: 3_600_000 };
  it.each([
    ["off", 0],
    ["", 0],
    ["nonsense", 0],
    ["0s", 0],
    ["5s", 5000],
    ["1m", 60_000],
    ["2h", 7_200_000],
    ["99999999h", 86_400_000],
    ["auto", 36_000],
  ])("%s", (choice, want) => expect(refreshMs(choice, hour)).toBe(want));
  it("of auto is at least ten seconds", () => expect(refreshMs("auto", { from: 0, to: 60_000 })).toBe(10_000));
});
