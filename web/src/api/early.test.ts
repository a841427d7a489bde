import { expect, test, vi } from "vitest";

import { askEarly, takeEarly } from "./early";

const asks = () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (address: string) => {
    asked.push(address);
    return Promise.resolve(new Response(address));
  });
  return asked;
};

test.each([
  ["/trace/0af7", ["/tempo/api/v2/traces/0af7"]],
  ["/d/nodes/node-exporter", ["/oriel/api/v1/dashboards/nodes", "/oriel/api/v1/datasources"]],
  ["/alerts", ["/api/v1/rules", "/alertmanager/api/v2/alerts"]],
  ["/", []],
  ["/traces", []],
  ["/dashboards", []],
])("%s begins with %j", (path, addresses) => {
  const asked = asks();
  askEarly(path);
  expect(asked).toEqual(addresses);
});

test("what was asked for is taken once", async () => {
  asks();
  askEarly("/trace/1");
  expect(await (await takeEarly("/tempo/api/v2/traces/1"))?.text()).toBe("/tempo/api/v2/traces/1");
  expect(takeEarly("/tempo/api/v2/traces/1")).toBeUndefined();
});

test("what nobody takes is forgotten", () => {
  vi.useFakeTimers();
  asks();
  askEarly("/trace/2");
  vi.advanceTimersByTime(10_000);
  expect(takeEarly("/tempo/api/v2/traces/2")).toBeUndefined();
  vi.useRealTimers();
});

test("a failure is that of whoever takes it", async () => {
  vi.stubGlobal("fetch", async () => Promise.reject(new Error("down")));
  askEarly("/trace/3");
  await expect(takeEarly("/tempo/api/v2/traces/3")).rejects.toThrow("down");
});
