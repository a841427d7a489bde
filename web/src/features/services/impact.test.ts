import { describe, expect, test } from "vitest";

import type { MapEdge, Operation } from "../../api/services";
import { entriesOf, weighCalls, weighOperations } from "./impact";

const red = { calls: 1, errors: 0, errorRatio: 0, p50: null, p95: null, p99: null, apdex: null };
const operation = (name: string, kind: string, rate: number, mean: number | null): Operation => ({ ...red, name, kind, rate, mean });
const call = (server: string, rate: number, mean: number | null, type = ""): MapEdge => ({ ...red, client: "shop", server, type, rate, mean });

describe("impact", () => {
  test("is the share of the time of operations of the same kind", () => {
    const weighed = weighOperations([operation("slow", "server", 1, 0.9), operation("often", "server", 10, 0.01), operation("SELECT", "client", 5, 0.1), operation("lost", "server", 1, null)]);
    expect(weighed.map(({ name, impact }) => [name, impact])).toEqual([
      ["slow", 0.9],
      ["often", 0.1],
      ["SELECT", 1],
      ["lost", null],
    ]);
  });

  test("of nothing measured is not known", () => expect(weighOperations([operation("a", "server", 1, 0)])[0]?.impact).toBeNull());
});

describe("calls of a service", () => {
  test("cost what they take of each call answered, the dearest first", () => {
    const weighed = weighCalls([call("cache", 20, 0.001), call("bank", 5, 0.4)], [operation("POST /pay", "server", 10, 0.5)]);
    expect(weighed.map(({ server, perCall, share }) => [server, perCall, share])).toEqual([
      ["bank", 0.2, 0.4],
      ["cache", 0.002, 0.004],
    ]);
  });

  test("are not waited for where a queue is between", () => expect(weighCalls([call("mail", 1, 9, "messaging_system")], [operation("a", "server", 1, 1)])[0]).toMatchObject({ perCall: null, share: null }));

  test("of a service that answers nothing have no cost known", () => expect(weighCalls([call("db", 1, 1)], [])[0]).toMatchObject({ perCall: null, share: null }));
});

test("entries are what is answered, and all where nothing is", () => {
  const all = [operation("a", "server", 1, 1), operation("b", "client", 1, 1)];
  expect(entriesOf(all).map(({ name }) => name)).toEqual(["a"]);
  expect(entriesOf(all.slice(1)).map(({ name }) => name)).toEqual(["b"]);
});
