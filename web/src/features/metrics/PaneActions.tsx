import { Button, Menu } from "@mantine/core";
import IconDots from "@tabler/icons-react/dist/esm/icons/IconDots.mjs";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { baseURL } from "../../api/client";
import { copyText } from "../../components/clipboard";
import { saveText } from "../../components/saveText";
import { useTime } from "../../components/time/TimeContext";
import { csvOf } from "../../lib/dashboard/csv";
import { timeSeriesFrames } from "../../lib/dashboard/promFrames";
import { newRulePlace } from "../../lib/links";
import { fillMacros } from "../../lib/macros";
import { alignRange } from "../../lib/step";
import { AddToDashboard } from "./AddToDashboard";
import { referencesIn, type Pane } from "./panes";
import type { PaneData } from "./usePaneData";

/** What can be done with a pane: keep it on a dashboard, alert on it, take its data elsewhere. */
export function PaneActions({ pane, data }: { pane: Pane; data: PaneData }) {
  const { range } = useTime();
  const [adding, setAdding] = useState(false);
  const shown = data.answers.filter(({ query }) => !query.hidden);
  const plain = shown.find(({ query }) => !referencesIn(query.text))?.query.text ?? "";
  const filled = fillMacros(plain, range, data.stepMs);
  const call = (): string => {
    const grid = alignRange(range, data.stepMs);
    const params = new URLSearchParams({ query: filled, start: String(grid.from / 1000), end: String(grid.to / 1000), step: String(data.stepMs / 1000) });
    return `${baseURL()}/api/v1/query_range?${params}`;
  };
  return (
    <>
      <Menu withinPortal position="bottom-end">
        <Menu.Target>
          <Button size="compact-sm" variant="default" leftSection={<IconDots size={14} />}>
            Actions
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setAdding(true)}>Add to a dashboard …</Menu.Item>
          <Menu.Item disabled={plain === ""} renderRoot={(props) => <Link {...props} {...newRulePlace(filled)} />}>
            Create an alert rule
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item disabled={plain === ""} onClick={() => void copyText(call())}>
            Copy the API call
          </Menu.Item>
          <Menu.Item disabled={plain === ""} onClick={() => void copyText(`curl -sG '${baseURL()}/api/v1/query_range' ${[...new URLSearchParams(call().split("?")[1])].map(([name, value]) => `--data-urlencode '${`${name}=${value}`.replaceAll("'", "'\\''")}'`).join(" ")}`)}>
            Copy as curl
          </Menu.Item>
          <Menu.Item
            onClick={() =>
              saveText(
                csvOf(
                  shown.flatMap(({ query, series }) =>
                    timeSeriesFrames(
                      series.map(({ labels, times, values }) => ({ labels, times: times.map((seconds) => seconds * 1000), values })),
                      { refId: query.name, legend: query.legend || "__auto", query: query.text },
                    ),
                  ),
                ),
                "metrics.csv",
                "text/csv;charset=utf-8",
              )
            }
          >
            Download as CSV
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {adding && <AddToDashboard pane={pane} queries={data.answers.map(({ query }) => query)} onClose={() => setAdding(false)} />}
    </>
  );
}
