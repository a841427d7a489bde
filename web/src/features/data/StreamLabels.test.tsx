// @vitest-environment jsdom
import { cleanup, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { Refusal, renderPage, serve } from "../../test/renderPage";
import { StreamLabels } from "./StreamLabels";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("labels of streams stand with their values and bytes, those with most values first", async () => {
  serve({
    "/loki/api/v1/index/stats": { streams: 1300, chunks: 4, entries: 2600, bytes: 4096 },
    "/loki/api/v1/detected_labels": { detectedLabels: [{ label: "env", cardinality: 2 }, { label: "pod", cardinality: 1200 }] },
    "/loki/api/v1/index/volume": { status: "success", data: { resultType: "vector", result: [{ metric: { env: "" }, value: [1, "2000"] }] } },
  });
  renderPage("/data", StreamLabels, "/data");
  const rows = within(await screen.findByRole("table", { name: "Labels of log streams" }, { timeout: 4000 })).getAllByRole("row");
  expect(rows.slice(1).map((row) => row.textContent?.replaceAll(/\s/g, " "))).toEqual([expect.stringMatching(/^pod1.?200/), expect.stringMatching(/^env2/)]);
  const tile = (name: string) => screen.getByRole("group", { name }).textContent?.replaceAll(/\s/g, " ");
  expect([tile("Streams"), tile("Labels"), tile("Lines"), tile("Size")]).toEqual(["Streams1 300with lines in the range", "Labels2of these streams", "Lines2 6002 in a stream on average", "Size4 KiBof these lines as they came"]);
});

test("a server without lines says so, and one that fails says why", async () => {
  serve({ "/loki/api/v1/detected_labels": { detectedLabels: null }, "/loki/api/v1/index/volume": { data: { result: [] } } });
  renderPage("/data", StreamLabels, "/data");
  expect(await screen.findByText("No lines came in this range", {}, { timeout: 4000 })).toBeInTheDocument();
  cleanup();
  serve({ "/loki/": new Refusal(500, "no index") });
  renderPage("/data", StreamLabels, "/data");
  expect(await screen.findByText(/no index/, {}, { timeout: 4000 })).toBeInTheDocument();
});
