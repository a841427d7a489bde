import { Button, Drawer, Tabs } from "@mantine/core";
import { useState } from "react";

import { KeyValue } from "../../../components/KeyValue";
import { Empty } from "../../../components/status";
import { useUrlState } from "../../../components/useUrlState";
import { fieldName } from "../../../lib/dashboard/fieldname";
import { interpolate } from "../../../lib/dashboard/interpolate";
import type { Obj } from "../../../lib/dashboard/json";
import type { PlacedPanel } from "../../../lib/dashboard/repeat";
import { stepText } from "../../../lib/step";
import { group } from "../../../lib/units";
import { rawPanelOf } from "../../../lib/dashboard/rawPanel";
import { useShared } from "../DashboardContext";
import { dashboardState, type DashboardState } from "../state";
import { pointsFor, usePanel, type PanelData } from "../usePanel";
import { copyText } from "../../../components/clipboard";
import { saveCSV } from "../view/export";
import { FrameTable } from "../view/FrameTable";
import classes from "./inspect.module.css";

interface InspectDrawerProps {
  id: number;
  raw: Obj;
  placed: PlacedPanel | undefined;
}

const tabs: readonly { value: DashboardState["inspectTab"]; label: string }[] = [
  { value: "data", label: "Data" },
  { value: "query", label: "Query" },
  { value: "json", label: "JSON" },
  { value: "stats", label: "Statistics" },
];

/** What a panel is made of: its data, its queries as they were run, its JSON. The dashboard stays usable beside it. */
export function InspectDrawer({ id, raw, placed }: InspectDrawerProps) {
  const [{ inspectTab }, set] = useUrlState(dashboardState);
  const shared = useShared();
  const title = placed ? interpolate(placed.panel.title, [placed.scope, shared.scope], "text") : "";
  const close = (): void => set({ inspect: "", inspectTab: "data" });
  return (
    <Drawer opened onClose={close} position="right" size={560} title={title || `Panel ${id}`} withOverlay={false} trapFocus={false} closeOnClickOutside={false} transitionProps={{ duration: 120 }}>
      {placed ? (
        <Tabs value={inspectTab} onChange={(tab) => set({ inspectTab: tabs.find((one) => one.value === tab)?.value ?? "data" })}>
          <Tabs.List mb={12}>
            {tabs.map((tab) => (
              <Tabs.Tab key={tab.value} value={tab.value}>
                {tab.label}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Inspected placed={placed} raw={raw} tab={inspectTab} />
        </Tabs>
      ) : (
        <Empty title={`There is no panel ${id}`} />
      )}
    </Drawer>
  );
}

function Inspected({ placed, raw, tab }: { placed: PlacedPanel; raw: Obj; tab: DashboardState["inspectTab"] }) {
  // With as many points as the panel asks for its answer is there already.
  const [points] = useState(() => pointsFor(document.querySelector<HTMLElement>(`[data-panel="${placed.panel.id}"]`)?.offsetWidth ?? 800));
  const data = usePanel(placed.panel, placed.scope, "visible", points);
  switch (tab) {
    case "data":
      return (
        <>
          <Button variant="default" mb={8} disabled={data.frames.length === 0} onClick={() => saveCSV(data.frames, placed.panel.title)}>
            Download CSV
          </Button>
          <FrameTable frames={data.frames} label={`Data of ${placed.panel.title}`} height={Math.max(240, window.innerHeight - 220)} />
        </>
      );
    case "query":
      return <Queries data={data} />;
    case "json": {
      const text = JSON.stringify(rawPanelOf(raw, placed.panel.id) ?? placed.panel, null, 2);
      return (
        <>
          <Button variant="default" mb={8} onClick={() => void copyText(text)}>
            Copy
          </Button>
          <pre className={classes.json}>{text}</pre>
        </>
      );
    }
    case "stats":
      return <Statistics data={data} />;
  }
}

function Queries({ data }: { data: PanelData }) {
  const { plan } = data;
  if (plan.queries.length === 0 && plan.expressions.length === 0) return <Empty title="This panel asks for nothing" />;
  return (
    <div className={classes.queries}>
      {plan.queries.map((query, index) => (
        <section key={`${query.refId} ${index}`} aria-label={`Query ${query.refId}`}>
          <h3>
            {query.refId} <span className={classes.dim}>{query.source.name}</span>
          </h3>
          <pre className={classes.json}>{"expr" in query ? query.expr : "query" in query ? query.query : ""}</pre>
          <p className={classes.dim}>{"stepMs" in query ? `Step ${stepText(query.stepMs)}${"instant" in query && query.instant ? ", at the end of the range" : ""}` : ""}</p>
        </section>
      ))}
      {plan.expressions.map((target) => (
        <section key={target.refId}>
          <h3>
            {target.refId} <span className={classes.dim}>Expression</span>
          </h3>
          <pre className={classes.json}>{JSON.stringify({ type: target.type, expression: target.expression, reducer: target.reducer, window: target.window }, null, 2)}</pre>
        </section>
      ))}
      {data.answer?.hints.map((hint) => (
        <p key={hint} className={classes.dim}>
          {hint}
        </p>
      ))}
      {data.answer?.errors.map((error) => (
        <p key={`${error.refId} ${error.message}`} className={classes.error}>
          {error.refId}: {error.message}
        </p>
      ))}
    </div>
  );
}

function Statistics({ data }: { data: PanelData }) {
  const cells = data.frames.reduce((sum, frame) => sum + frame.fields.reduce((inner, field) => inner + field.values.length, 0), 0);
  const longest = data.frames.reduce((most, frame) => Math.max(most, frame.fields[0]?.values.length ?? 0), 0);
  return (
    <>
      <KeyValue
        pairs={[
          { key: "Requests", value: group(data.plan.queries.length) },
          { key: "Time taken", value: data.answer ? `${Math.round(data.answer.took)} ms` : "–" },
          { key: "Frames", value: group(data.frames.length) },
          { key: "Most rows in one", value: group(longest) },
          { key: "Values", value: group(cells) },
        ]}
      />
      <h3>Fields</h3>
      <KeyValue pairs={data.frames.slice(0, 100).flatMap((frame, at) => frame.fields.map((field, index) => ({ key: `${at}.${index} ${fieldName(field, frame, data.frames)}`, value: `${field.type}${field.config.unit ? `, ${field.config.unit}` : ""}` })))} />
    </>
  );
}
