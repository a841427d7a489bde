import { expect, test } from "vitest";

import { importAddress } from "./importAddress";

const origin = "https://oriel.example";
const gallery = (id: string) => ({ kind: "gallery", id, download: `https://grafana.com/api/dashboards/${id}/revisions/latest/download` });
const here = (path: string) => ({ kind: "here", path });

test.each([
  ["1860", gallery("1860")],
  [" https://grafana.com/grafana/dashboards/1860-node-exporter-full/ ", gallery("1860")],
  ["/d/shop/shop?from=now-1h", here("/oriel/api/v1/dashboards/shop/export")],
  ["https://oriel.example/d/shop", here("/oriel/api/v1/dashboards/shop/export")],
  ["/files/shop.json", here("/files/shop.json")],
  ["//evil.example/x.json", undefined],
  ["https://evil.example/d/shop", undefined],
  ['{"title": "a"}', undefined],
  ["", undefined],
])("%s", (text, expected) => {
  expect(importAddress(text, origin)).toEqual(expected);
});
