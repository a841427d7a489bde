import { expect, test } from "vitest";

import { narrowing } from "./environment";

test.each([
  ["/", "narrows"],
  ["/services", "narrows"],
  ["/services/map", "narrows"],
  ["/services/payment", "narrows"],
  ["/explore/logs", "begins"],
  ["/explore/traces", "begins"],
  ["/explore/metrics", "begins"],
  ["/d/oriel", "all"],
  ["/alerts", "all"],
  ["/data", "all"],
  ["/dashboards", "none"],
  ["/trace/4bf9", "none"],
  ["/settings/profile", "none"],
])("%s: %s", (path, how) => expect(narrowing(path)).toBe(how));
