import { Button, TextInput } from "@mantine/core";
import { useState } from "react";

import { FilterBar } from "../../components/filterbar/FilterBar";
import { Empty, Failure, Loading } from "../../components/status";
import type { SetUrlState } from "../../components/useUrlState";
import { readFilters, writeFilters, type LabelFilter } from "../../lib/filterState";
import { writeSelector } from "../../lib/promql/tree";
import { group } from "../../lib/units";
import { MetricCard } from "./MetricCard";
import { MetricView } from "./MetricView";
import type { MetricsState } from "./panes";
import { pillsOf, promSource } from "./pills";
import { matching, useMetrics } from "./useMetrics";
import classes from "./metrics.module.css";

const page = 48;

interface BrowseProps {
  state: MetricsState;
  set: SetUrlState<MetricsState>;
  onQuery: (query: string) => void;
}

/** Looking around among metrics without a query: many small charts, or one metric taken apart. */
export function Browse({ state, set, onQuery }: BrowseProps) {
  const filters = readFilters(state.f);
  const { names, families } = useMetrics(filters);
  const [shown, setShown] = useState({ of: state.find, count: page });
  const count = shown.of === state.find ? shown.count : page;
  const family = families.find((one) => one.name === state.m) ?? families.find((one) => one.name === state.m.replace(/_(bucket|count|sum)$/, ""));
  const found = matching(families, state.find, (one) => one.name);

  if (names.isPending) return <Loading height={320} what="metrics" />;
  if (names.isError) return <Failure error={names.error} retry={names.refetch} what="Listing metrics" />;
  const put = (next: LabelFilter[]): void => set({ f: writeFilters(next) });
  const pills = (
    <FilterBar
      label="Filters"
      conditions={pillsOf(filters)}
      source={promSource}
      scope={filters.length === 0 ? "" : writeSelector("", filters)}
      onChange={(index, op, value) => put(filters.map((one, at) => (at === index ? { ...one, op: op as LabelFilter["op"], value } : one)))}
      onRemove={(index) => put(filters.toSpliced(index, 1))}
      onAdd={(name, op, value) => put([...filters.filter((one) => one.name !== name || one.op !== op), { name, op: op as LabelFilter["op"], value }])}
    />
  );
  if (state.m !== "") {
    return (
      <>
        <div className={classes.browseBar}>
          <Button size="compact-sm" variant="default" onClick={() => set({ m: "", by: "" })}>
            All metrics
          </Button>
          {pills}
        </div>
        {family ? (
          <MetricView
            family={family}
            families={families}
            filters={filters}
            by={state.by}
            order={state.sort}
            kind={state.form}
            onOrder={(sort) => set({ sort }, { replace: true })}
            onKind={(form) => set({ form }, { replace: true })}
            onBy={(by) => set({ by }, { replace: true })}
            onFilters={(next) => set({ f: writeFilters(next) })}
            onMetric={(m) => set({ m, by: "" })}
            onQuery={onQuery}
          />
        ) : (
          <Empty title={`${state.m} has no series here`} hint="Widen the range, or take filters away." height={320} />
        )}
      </>
    );
  }
  return (
    <>
      <div className={classes.browseBar}>
        <TextInput
          size="xs"
          w={260}
          aria-label="Names that contain"
          placeholder="Names that contain …"
          value={state.find}
          onChange={(event) => set({ find: event.currentTarget.value }, { replace: true })}
        />
        {pills}
        <span className={classes.caption}>{group(found.length)} metrics</span>
      </div>
      {found.length === 0 ? (
        <Empty title="No metric here" hint="Widen the range, shorten the name, or take filters away." height={320} />
      ) : (
        <div className={classes.grid} role="feed" aria-label="Metrics at a glance">
          {found.slice(0, count).map((one) => (
            <MetricCard key={one.name} family={one} matchers={filters} onOpen={() => set({ m: one.name, by: "" })} />
          ))}
        </div>
      )}
      {found.length > count && (
        <div>
          <Button variant="default" onClick={() => setShown({ of: state.find, count: count + page })}>
            {group(count)} of {group(found.length)}: show more
          </Button>
        </div>
      )}
    </>
  );
}
