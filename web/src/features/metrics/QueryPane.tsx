import { ActionIcon, Button, SegmentedControl, Select } from "@mantine/core";
import IconPlayerPlay from "@tabler/icons-react/dist/esm/icons/IconPlayerPlay.mjs";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";
import { useState } from "react";

import { baseURL } from "../../api/client";
import type { ChartKind } from "../../components/chart/TimeSeries";
import type { Completions } from "../../components/editor/language";
import { QueryEditor } from "../../components/editor/QueryEditor";
import { Empty } from "../../components/status";
import type { Pane } from "./panes";
import { PaneGraph } from "./PaneGraph";
import { PaneTable } from "./PaneTable";
import classes from "./metrics.module.css";

const completions: Completions = { prometheus: { url: baseURL(), fetch: (input, init) => fetch(input, init) } };

const kinds: { value: ChartKind; label: string }[] = [
  { value: "lines", label: "Lines" },
  { value: "area", label: "Area" },
  { value: "stacked", label: "Stacked area" },
  { value: "bars", label: "Bars" },
  { value: "stackedBars", label: "Stacked bars" },
];

const units = [
  { value: "auto", label: "Unit: auto" },
  { value: "short", label: "Number" },
  { value: "none", label: "Number in full" },
  { value: "s", label: "Seconds" },
  { value: "ms", label: "Milliseconds" },
  { value: "bytes", label: "Bytes (1024)" },
  { value: "decbytes", label: "Bytes (1000)" },
  { value: "Bps", label: "Bytes per second" },
  { value: "percentunit", label: "Percent (0 to 1)" },
  { value: "percent", label: "Percent (0 to 100)" },
  { value: "ops", label: "Operations per second" },
  { value: "reqps", label: "Requests per second" },
];

interface QueryPaneProps {
  /** A, B, … */
  name: string;
  pane: Pane;
  onChange: (patch: Partial<Pane>) => void;
  onRemove: (() => void) | undefined;
}

/** One query: editor, how to show it, answer. */
export function QueryPane({ name, pane, onChange, onRemove }: QueryPaneProps) {
  const [draft, setDraft] = useState({ of: pane.query, text: pane.query });
  const [refused, setRefused] = useState("");
  // A query that comes from elsewhere (Back, a metric chosen at the left) wins over what was being typed.
  const text = draft.of === pane.query ? draft.text : pane.query;
  const run = (query: string): void => onChange({ query: query.trim() });

  return (
    <section className={classes.pane} aria-label={`Query ${name}`}>
      <div className={classes.editorRow}>
        <span className={classes.paneName}>{name}</span>
        <QueryEditor
          language="promql"
          label={`Query ${name} in PromQL`}
          placeholder="A PromQL expression; Ctrl+Enter runs it"
          value={text}
          onChange={(next) => setDraft({ of: pane.query, text: next })}
          onRun={run}
          completions={completions}
          invalid={refused !== "" && refused === pane.query}
        />
        <Button leftSection={<IconPlayerPlay size={14} />} onClick={() => run(text)}>
          Run
        </Button>
        {onRemove && (
          <ActionIcon aria-label={`Remove query ${name}`} onClick={onRemove}>
            <IconX size={16} />
          </ActionIcon>
        )}
      </div>
      <div className={classes.tools}>
        <SegmentedControl
          aria-label="View"
          data={[
            { value: "graph", label: "Graph" },
            { value: "table", label: "Table" },
          ]}
          value={pane.view}
          onChange={(view) => onChange({ view })}
        />
        {pane.view === "graph" && (
          <Select aria-label="Chart" w={132} data={kinds} value={pane.kind} onChange={(kind) => onChange({ kind: kind ?? "lines" })} />
        )}
        <Select aria-label="Unit" w={172} data={unitChoices(pane.unit)} value={pane.unit} onChange={(unit) => onChange({ unit: unit ?? "auto" })} />
      </div>
      {pane.query === "" ? (
        <Empty title="No query yet" hint="Type one above, or choose a metric at the left." />
      ) : pane.view === "graph" ? (
        <PaneGraph pane={pane} onRefused={setRefused} />
      ) : (
        <PaneTable pane={pane} onRefused={setRefused} />
      )}
    </section>
  );
}

/** The units on offer, with the one a link brought along. */
function unitChoices(current: string) {
  return units.some((unit) => unit.value === current) ? units : [...units, { value: current, label: current }];
}
