import { expect, test } from "vitest";

import { fieldLinks, linkScope } from "./displayLinks";
import { interpolate } from "./interpolate";
import { series, table } from "./testFrames";

const look = { scheme: "dark", zone: "UTC" } as const;
const fill = (text: string, scope: Record<string, unknown> = {}): string => interpolate(text, [new Map(Object.entries(scope)) as never]);

test("tokens of a link stand for the value, its series and its row", () => {
  const frame = table("A", { Time: [1000], pod: ["web-1"], "Value #A": [2048] }, { "Value #A": { unit: "bytes", links: [{ title: "Pod ${__data.fields.pod}", url: "/d/x?var-pod=${__data.fields[\"pod\"]}&n=${__value.raw}&s=${__series.name}&c=${__cell_1}", targetBlank: true }] } });
  expect(fieldLinks({ field: frame.fields[2]!, frame, frames: [frame], row: 0 }, look, fill)).toEqual([
    { title: "Pod web-1", href: "/d/x?var-pod=web-1&n=2048&s=Value #A&c=web-1", local: true, newTab: true },
  ]);
});

test("a series' labels and the time of its value are in reach", () => {
  const frame = series("A", "api", [1, 2], { labels: { pod: "web-1" } });
  const scope = linkScope({ field: frame.fields[1]!, frame, frames: [frame], row: 0 }, look);
  expect(fill("${__field.labels.pod} ${__value.time} ${__value.numeric} ${__field.name} ${__series.name}", scope)).toBe("web-1 1700000000000 1 Value api");
});

test("a link that would run code is left out", () => {
  const frame = series("A", "api", [1], { config: { links: [{ title: "x", url: "javascript:alert(1)" }, { title: "", url: "https://example.com" }] } });
  expect(fieldLinks({ field: frame.fields[1]!, frame, frames: [frame], row: 0 }, look, fill).map(({ title, href }) => [title, href])).toEqual([["https://example.com", "https://example.com"]]);
});
