import { ActionIcon, Autocomplete, Button, Popover, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import IconPlus from "@tabler/icons-react/dist/esm/icons/IconPlus.mjs";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";
import { useState } from "react";

import { lokiLabelNames, lokiLabelValues } from "../../../api/sourceLoki";
import { promLabelNames, promLabelValues } from "../../../api/sourceProm";
import { useTime } from "../../../components/time/TimeContext";
import { resolveSource, type Source } from "../../../lib/dashboard/datasource";
import { interpolate } from "../../../lib/dashboard/interpolate";
import type { AdhocFilter } from "../../../lib/dashboard/model";
import type { VariableState } from "../../../lib/dashboard/variables";
import type { TimeRange } from "../../../lib/time";
import { useShared } from "../DashboardContext";
import classes from "./variables.module.css";

const operators = ["=", "!=", "=~", "!~"];

interface FilterControlProps {
  label: string;
  state: VariableState;
  onChange: (filters: readonly AdhocFilter[]) => void;
}

/** Filters that go into every query of one data source. */
export function FilterControl({ label, state, onChange }: FilterControlProps) {
  const { filters } = state;
  return (
    <div className={classes.filters} role="group" aria-label={label}>
      {filters.map((filter, index) => (
        <span key={`${filter.key}${filter.operator}${filter.value}`} className={classes.filter}>
          {filter.key} {filter.operator} {filter.value}
          <ActionIcon size="xs" aria-label={`Remove the filter ${filter.key} ${filter.operator} ${filter.value}`} onClick={() => onChange(filters.filter((_, at) => at !== index))}>
            <IconX size={12} />
          </ActionIcon>
        </span>
      ))}
      <AddFilter state={state} onAdd={(filter) => onChange([...filters, filter])} />
    </div>
  );
}

function AddFilter({ state, onAdd }: { state: VariableState; onAdd: (filter: AdhocFilter) => void }) {
  const [draft, setDraft] = useState<AdhocFilter | null>(null);
  const { sources, dashboard, scope } = useShared();
  const { range } = useTime();
  const resolved = resolveSource(state.model.datasource, { sources, inputs: dashboard.inputs, interpolate: (text) => interpolate(text, [scope], "raw") });
  const source = resolved.kind === "source" ? resolved.source : undefined;
  const names = useQuery({
    queryKey: ["dashboard", "filter names", source?.uid, Math.round(range.to / 300_000)],
    enabled: draft !== null && source !== undefined,
    queryFn: ({ signal }) => namesOf(source, range, signal),
  });
  const key = draft?.key ?? "";
  const values = useQuery({
    queryKey: ["dashboard", "filter values", source?.uid, key, Math.round(range.to / 300_000)],
    enabled: key !== "" && source !== undefined && (names.data ?? []).includes(key),
    placeholderData: undefined,
    queryFn: ({ signal }) => valuesOf(source, key, range, signal),
  });
  return (
    <Popover opened={draft !== null} onChange={(open) => !open && setDraft(null)} position="bottom-start" width={280} trapFocus withinPortal>
      <Popover.Target>
        <ActionIcon aria-label="Add a filter" variant="default" onClick={() => setDraft({ key: "", operator: "=", value: "" })}>
          <IconPlus size={14} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        {draft && (
          <form
            className={classes.filterForm}
            onSubmit={(event) => {
              event.preventDefault();
              if (draft.key === "") return;
              onAdd(draft);
              setDraft(null);
            }}
          >
            <Autocomplete size="xs" aria-label="Label" placeholder="Label" data={names.data ?? []} limit={100} value={draft.key} onChange={(next) => setDraft({ ...draft, key: next })} comboboxProps={{ withinPortal: false }} />
            <Select aria-label="Operator" data={operators} value={draft.operator} onChange={(next) => setDraft({ ...draft, operator: next ?? "=" })} comboboxProps={{ withinPortal: false }} />
            <Autocomplete size="xs" aria-label="Value" placeholder="Value" data={values.data ?? []} limit={100} value={draft.value} onChange={(next) => setDraft({ ...draft, value: next })} comboboxProps={{ withinPortal: false }} />
            <Button type="submit" disabled={draft.key === ""}>
              Add
            </Button>
          </form>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

async function namesOf(source: Source | undefined, range: TimeRange, signal: AbortSignal): Promise<string[]> {
  if (source?.type === "prometheus") return promLabelNames(source.base, "", range, signal);
  return source?.type === "loki" ? lokiLabelNames(source.base, range, signal) : [];
}

async function valuesOf(source: Source | undefined, key: string, range: TimeRange, signal: AbortSignal): Promise<string[]> {
  if (source?.type === "prometheus") return promLabelValues(source.base, key, "", range, signal);
  return source?.type === "loki" ? lokiLabelValues(source.base, key, "", range, signal) : [];
}
