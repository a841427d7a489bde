import { describe, expect, test } from "vitest";

import { suggestions, type Come } from "./suggest";

const read = (come: Partial<Come>) => suggestions({ signals: [], metrics: [], service: "", ...come }).map(({ title, place }) => JSON.parse(JSON.stringify({ ...place.search({}), title, to: place.to, ...place.params })) as unknown);

describe("the next steps", () => {
  test("of spans are the services' dashboard, the service and an alert when it fails", () =>
    expect(read({ signals: ["spans", "logs"], service: "my-shop" })).toEqual([
      { title: "The dashboard Services: rate, errors, duration", to: "/d/$uid", uid: "oriel-services" },
      { title: "The service my-shop", to: "/services/$name", name: "my-shop" },
      { title: "A first alert: my-shop fails", to: "/alerts", tab: "rules", expr: '{ resource.service.name = "my-shop" && status = error } | rate() > 0.1', signal: "traces", name: "MyShopFails" },
    ]));
  test("of a node exporter are its dashboard and an alert when it is down", () =>
    expect(read({ signals: ["metrics"], metrics: ["node_cpu_seconds_total", "up"] })).toEqual([
      { title: "The dashboard Host", to: "/d/$uid", uid: "oriel-host" },
      { title: "A first alert: a target is down", to: "/alerts", tab: "rules", expr: "up == 0", name: "TargetDown" },
    ]));
  test("of lines without a service is their volume", () => expect(read({ signals: ["logs"] })).toEqual([{ title: "The dashboard Log volume", to: "/d/$uid", uid: "oriel-logs" }]));
  test("of a lone metric is an alert when it is missing", () => expect(read({ signals: ["metrics"], metrics: ["hello_temperature"] })).toMatchObject([{ expr: "absent(hello_temperature)" }]));
  test("of nothing are none", () => expect(read({})).toEqual([]));
});
