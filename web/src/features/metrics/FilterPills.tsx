import { ActionIcon, Autocomplete, Select } from "@mantine/core";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { labelNames, labelValues } from "../../api/prom";
import { useTime } from "../../components/time/TimeContext";
import type { LabelFilter } from "../../lib/filterState";
import classes from "./metrics.module.css";

/** Conditions on labels, each with a button to take it away, and a way to add one. */
export function FilterPills({ filters, onChange }: { filters: readonly LabelFilter[]; onChange: (filters: LabelFilter[]) => void }) {
  const { range } = useTime();
  const [adding, setAdding] = useState("");
  const [value, setValue] = useState("");
  const labels = useQuery({ queryKey: ["prom", "labels", "", range], queryFn: ({ signal }) => labelNames(range, signal), staleTime: 60_000 });
  const values = useQuery({ queryKey: ["prom", "values", adding, "", range], enabled: adding !== "", queryFn: ({ signal }) => labelValues(adding, range, signal), staleTime: 60_000 });
  const add = (chosen: string): void => {
    if (chosen !== "") onChange([...filters.filter((one) => one.name !== adding || one.op !== "="), { name: adding, op: "=", value: chosen }]);
    setAdding("");
    setValue("");
  };
  return (
    <div className={classes.pills} role="group" aria-label="Filters">
      {filters.map((filter, index) => (
        <span key={`${filter.name} ${filter.op} ${filter.value}`} className={classes.pill}>
          {filter.name} {filter.op} {filter.value}
          <ActionIcon size="xs" variant="subtle" aria-label={`Remove ${filter.name} ${filter.op} ${filter.value}`} onClick={() => onChange(filters.toSpliced(index, 1))}>
            <IconX size={12} />
          </ActionIcon>
        </span>
      ))}
      {adding === "" ? (
        <Select size="xs" w={130} aria-label="Filter by a label" placeholder="+ filter" searchable limit={200} data={(labels.data ?? []).filter((name) => name !== "__name__")} value={null} onChange={(name) => setAdding(name ?? "")} />
      ) : (
        <Autocomplete
          size="xs"
          w={200}
          ref={(field) => field?.focus()}
          aria-label={`Value of ${adding}`}
          placeholder={`${adding} =`}
          limit={200}
          data={values.data ?? []}
          value={value}
          onChange={setValue}
          onOptionSubmit={add}
          onKeyDown={(event) => {
            if (event.key === "Enter" && value !== "") add(value);
            if (event.key === "Escape") setAdding("");
          }}
        />
      )}
    </div>
  );
}
