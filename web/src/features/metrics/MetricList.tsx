import { Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";

import { labelValues, metadata, type MetricMeta } from "../../api/prom";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { group } from "../../lib/units";
import { kindOf, metaOf } from "./defaultQuery";
import classes from "./metrics.module.css";

const rowHeight = 24;
const noMeta: ReadonlyMap<string, MetricMeta> = new Map();

/** The metrics there are in the range, with a filter; choosing one is up to the page. */
export function MetricList({ onChoose }: { onChoose: (name: string, meta: MetricMeta | undefined) => void }) {
  const { range, tick } = useTime();
  const [filter, setFilter] = useState("");
  const [chosen, setChosen] = useState("");
  const names = useQuery({
    queryKey: ["prom", "names", range, tick],
    queryFn: ({ signal }) => labelValues("__name__", range, signal),
  });
  const metas = useQuery({ queryKey: ["prom", "metadata", tick], queryFn: ({ signal }) => metadata(signal) });
  const known = metas.data ?? noMeta;
  const found = useMemo(() => match(names.data ?? [], filter), [names.data, filter]);

  return (
    <div className={classes.side}>
      <TextInput
        data-search
        aria-label="Find a metric"
        placeholder="Find a metric"
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      <div className={classes.sideCount}>{names.data ? `${group(found.length)} of ${group(names.data.length)} metrics` : " "}</div>
      {names.isPending && <Loading what="metrics" />}
      {names.isError && <Failure error={names.error} retry={names.refetch} what="Listing metrics" />}
      {names.data?.length === 0 && <Empty title="No metrics in this range" hint="Widen the range, or send some: Prometheus remote write to /api/v1/write, or OTLP." />}
      {names.data && names.data.length > 0 && found.length === 0 && <Empty title="No metric matches" hint="The words may stand in any order." />}
      <Names
        names={found}
        metas={known}
        chosen={chosen}
        onChoose={(name) => {
          setChosen(name);
          onChoose(name, metaOf(name, known));
        }}
      />
      {chosen !== "" && <Facts name={chosen} meta={metaOf(chosen, known)} />}
    </div>
  );
}

/** Names that have every word of `filter` in them. */
function match(names: readonly string[], filter: string): readonly string[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0 ? names : names.filter((name) => words.every((word) => name.toLowerCase().includes(word)));
}

interface NamesProps {
  names: readonly string[];
  metas: ReadonlyMap<string, MetricMeta>;
  chosen: string;
  onChoose: (name: string) => void;
}

function Names({ names, metas, chosen, onChoose }: NamesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: names.length,
    estimateSize: () => rowHeight,
    getScrollElement: () => scroller.current,
    overscan: 20,
  });
  return (
    <div ref={scroller} className={classes.names} role="group" aria-label="Metrics">
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const name = names[index] ?? "";
          const kind = kindOf(name, metaOf(name, metas));
          return (
            <button
              type="button"
              key={name}
              className={classes.name}
              aria-pressed={name === chosen}
              title={name}
              style={{ height: rowHeight, transform: `translateY(${start}px)` }}
              onClick={() => onChoose(name)}
            >
              <span className={classes.kind} title={kind} aria-hidden="true">
                {kind.charAt(0).toUpperCase()}
              </span>
              <span className={classes.nameText}>{name}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}

function Facts({ name, meta }: { name: string; meta: MetricMeta | undefined }) {
  return (
    <div className={classes.facts}>
      <code>{name}</code>
      <Text size="sm" c="dimmed">
        {kindOf(name, meta)}
        {meta?.unit ? ` in ${meta.unit}` : ""}
      </Text>
      {meta?.help && <div>{meta.help}</div>}
    </div>
  );
}
