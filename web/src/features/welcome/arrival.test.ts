import { expect, test } from "vitest";

import type { Received } from "../../api/onboarding";
import { arrivalOf } from "./arrival";

const at = "2026-11-22T15:00:00Z";
const got = (rows: number, protocol = "loki", signal = "logs"): Received => ({ empty: false, accepted: [{ protocol, signal, rows, last: at }], rejections: [], senders: [] });
const none: Received = { empty: true, accepted: [], rejections: [], senders: [] };

test("nothing yet is waiting", () => expect(arrivalOf(["loki"], none, none).state).toBe("waiting"));
test("what was there before does not count", () => expect(arrivalOf(["loki"], got(5), got(5)).state).toBe("waiting"));
test("of other protocols nothing counts", () => expect(arrivalOf(["loki"], none, got(5, "otlp_http")).state).toBe("waiting"));
test("new rows are counted by signal", () => expect(arrivalOf(["loki"], got(5), got(12))).toEqual({ state: "arrived", rows: [["logs", 7]], senders: new Map(), last: Date.parse(at), refusal: "" }));
test("a refusal is told in the server's words", () => {
  const refused: Received = { ...none, rejections: [{ protocol: "loki", signal: "logs", reason: "too_old", rows: 1, example: "line of 2001", last: at }] };
  expect(arrivalOf(["loki"], none, refused)).toMatchObject({ state: "refused", refusal: "too_old: line of 2001" });
  expect(arrivalOf(["loki"], refused, refused).state).toBe("waiting");
});
test("who sent is named, the last first, whoever sent no more than before is not", () => {
  const sent = (service: string, rows: number, signal = "metrics", protocol = "remote_write"): Received["senders"][number] => ({ protocol, signal, tenant: "", service, rows, last: at });
  const before: Received = { ...got(5, "remote_write", "metrics"), senders: [sent("old", 4), sent("node", 1)] };
  const now: Received = { ...got(1209, "remote_write", "metrics"), senders: [sent("node", 1204), sent("db", 1), sent("old", 4), sent("cart", 2, "logs"), sent("elsewhere", 9, "metrics", "otlp_http")] };
  expect(arrivalOf(["remote_write"], before, now).senders).toEqual(new Map([["metrics", ["job=node", "job=db"]], ["logs", ["service=cart"]]]));
});
