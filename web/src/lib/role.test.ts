import { expect, test } from "vitest";

import { neededRole } from "./role";

test.each([
  ["eve may not use /api/v1/query, which takes query:metrics", "viewer"],
  ["eve may not use /oriel/api/v1/rules, which takes alerts:write", "editor"],
  ["eve may not use /oriel/api/v1/queries, which takes query:metrics, query:logs or query:traces", "viewer"],
  ["eve may not use /oriel/api/v1/dashboards, which takes dashboards:write without selectors", "editor"],
  ["eve may not use /oriel/api/v1/users, which takes admin", "admin"],
  ["eve may not use /oriel/api/v1/x, which takes any role", "viewer"],
  ['eve may not use tenant "bank"', ""],
])("%j takes the role %j", (refusal, role) => expect(neededRole(refusal)).toBe(role));
