import { expect, test } from "vitest";

import type { DashboardEntry } from "../../api/dashboards";
import { changesOf } from "./changes";

const board: DashboardEntry = { uid: "a b", title: "Shop", tags: [], folderUid: "", folderTitle: "", version: 2, updated: "1970-01-01T00:00:05Z", updatedBy: "ada", provisioned: false, starred: false, variables: [] };

test("deploys, notes and edits of the range, newest first", () => {
  const changes = changesOf(
    { from: 1000, to: 6000 },
    [
      { service: "payment", version: "1.9.2", previous: "1.9.1", time: "2000000000" },
      { service: "cart", version: "3", previous: "", time: "500000000" },
    ],
    [{ id: 1, time: 3000, text: "failover", title: "", tags: ["db"] }],
    [board, { ...board, updated: "" }],
  );
  expect(changes).toEqual([
    { time: 5000, kind: "dashboard", text: "Shop by ada", to: "/d/a%20b" },
    { time: 3000, kind: "note", text: "failover", to: undefined },
    { time: 2000, kind: "deploy", text: "payment 1.9.2, before 1.9.1", to: "/services/payment" },
  ]);
});
