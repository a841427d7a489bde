import { expect, test } from "vitest";

import type { DashboardEntry } from "../../api/dashboards";
import { changesOf } from "./changes";

const board: DashboardEntry = { uid: "a b", title: "Shop", tags: [], folderUid: "", folderTitle: "", version: 2, updated: "1970-01-01T00:00:05Z", updatedBy: "ada", provisioned: false, starred: false, variables: [] };

test("deploys, notes and edits of the range, newest first", () => {
  const changes = changesOf(
    { from: 1000, to: 6000 },
    {
      deploys: [
        { service: "payment", version: "1.9.2", previous: "1.9.1", time: "2000000000" },
        { service: "cart", version: "3", previous: "", time: "500000000" },
      ],
      notes: [{ id: 1, time: 3000, text: "failover", title: "", tags: ["db"] }],
      dashboards: [board, { ...board, updated: "" }],
      rules: [
        { time: "1970-01-01T00:00:04Z", action: "changed", kind: "alert", name: "High Ratio", rules: 1, author: "bob" },
        { time: "1970-01-01T00:00:03.5Z", action: "deleted", kind: "group", name: "shop", rules: 12 },
        { time: "1970-01-01T00:00:02.5Z", action: "created", kind: "record", name: "job:up:sum", rules: 1 },
        { time: "1970-01-01T00:00:07Z", action: "created", kind: "alert", name: "Later", rules: 1 },
      ],
    },
  );
  expect(changes).toEqual([
    { time: 5000, what: "dashboard edited", text: "Shop by ada", to: "/d/a%20b" },
    { time: 4000, what: "rule changed", text: "High Ratio by bob", to: "/alerts?tab=rules&filter=High+Ratio" },
    { time: 3500, what: "12 rules of group deleted", text: "shop", to: undefined },
    { time: 3000, what: "note", text: "failover", to: undefined },
    { time: 2500, what: "recording rule created", text: "job:up:sum", to: "/alerts?tab=rules&filter=job%3Aup%3Asum" },
    { time: 2000, what: "deploy", text: "payment 1.9.2, before 1.9.1", to: "/services/payment" },
  ]);
});
