import { Button, Menu, Select, Switch } from "@mantine/core";
import { useMemo } from "react";

import { exportURL } from "../../api/logContext";
import type { SetUrlState } from "../../components/useUrlState";
import { summariseFields } from "../../lib/logFields";
import type { LogLine } from "../../lib/logLines";
import type { TimeRange } from "../../lib/time";
import { msToNano } from "../../lib/timeFormat";
import type { LogsState } from "./state";

interface ListToolsProps {
  state: LogsState;
  set: SetUrlState<LogsState>;
  lines: readonly LogLine[];
  range: TimeRange;
  onColumn(name: string): void;
}

/** How the lines are listed, and how to take them along. */
export function ListTools({ state, set, lines, range, onColumn }: ListToolsProps) {
  const window = { query: state.q, start: msToNano(range.from), end: msToNano(range.to) };
  return (
    <>
      <Menu withinPortal position="bottom-end" closeOnItemClick={false} keepMounted={false}>
        <Menu.Target>
          <Button size="compact-xs" variant="default">
            Columns{state.cols.length === 0 ? "" : ` ${state.cols.length}`}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={360} style={{ overflow: "auto" }}>
          <ColumnItems lines={lines} chosen={state.cols} onColumn={onColumn} />
        </Menu.Dropdown>
      </Menu>
      <Select
        size="xs"
        w={124}
        aria-label="Same lines"
        data={[
          { value: "none", label: "Every line" },
          { value: "exact", label: "Fold same" },
          { value: "numbers", label: "… but numbers" },
          { value: "signature", label: "… but words" },
        ]}
        value={state.dedupe}
        onChange={(dedupe) => set({ dedupe: (dedupe ?? "none") as LogsState["dedupe"] }, { replace: true })}
      />
      {!state.live && (
        <>
          <Select
            size="xs"
            w={116}
            aria-label="Order"
            data={[
              { value: "new", label: "Newest first" },
              { value: "old", label: "Oldest first" },
            ]}
            value={state.sort}
            onChange={(sort) => set({ sort: (sort ?? "new") as LogsState["sort"], at: "" })}
          />
          <Menu withinPortal position="bottom-end">
            <Menu.Target>
              <Button size="compact-xs" variant="default">
                Download
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>All lines of the range</Menu.Label>
              {(["text", "csv", "jsonl"] as const).map((format) => (
                <Menu.Item key={format} component="a" href={exportURL(window, format)} download>
                  {{ text: "Text", csv: "CSV", jsonl: "JSON, one line each" }[format]}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </>
      )}
      <Switch label="Wrap" checked={state.wrap} onChange={(event) => set({ wrap: event.currentTarget.checked }, { replace: true })} />
    </>
  );
}

/** The fields of the first lines, to be columns or not; found when the menu is opened. */
function ColumnItems({ lines, chosen, onColumn }: { lines: readonly LogLine[]; chosen: readonly string[]; onColumn(name: string): void }) {
  const fields = useMemo(() => summariseFields(lines.slice(0, 200)).map((field) => field.name), [lines]);
  return [...new Set([...chosen, ...fields])].map((name) => (
    <Menu.Item key={name} aria-pressed={chosen.includes(name)} leftSection={chosen.includes(name) ? "✓" : " "} onClick={() => onColumn(name)}>
      {name}
    </Menu.Item>
  ));
}
