import { SegmentedControl, Text, TextInput } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";

import { queryInstant, type MetricMeta } from "../../api/prom";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { useStoredList } from "../../components/useStoredList";
import { prefixTree, treeRows, type TreeRow } from "../../lib/prefixTree";
import { writeSelector } from "../../lib/promql/tree";
import { counted, group } from "../../lib/units";
import { kindOf, metaOf } from "./defaultQuery";
import { matching, useMetrics } from "./useMetrics";
import classes from "./metrics.module.css";

const rowHeight = 24;

interface MetricListProps {
  onChoose: (name: string, meta: MetricMeta | undefined) => void;
  /** A group of names was chosen by what they begin with. */
  onPrefix?: (prefix: string) => void;
}

/** The metrics there are in the range, as a tree of what their names begin with or as a list; choosing one is up to the page. */
export function MetricList({ onChoose, onPrefix }: MetricListProps) {
  const [filter, setFilter] = useState("");
  const [form, setForm] = useState("tree");
  const [chosen, setChosen] = useState("");
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [recent, remember] = useStoredList("oriel.metrics.recent", 30);
  const { names, all, metas } = useMetrics([]);
  const found = useMemo(() => matching(all, filter, (name) => name), [all, filter]);
  const tree = useMemo(() => prefixTree(found), [found]);
  const rows = useMemo<TreeRow[]>(() => {
    // What is looked for is listed: nobody opens groups to see the ten names that match.
    if (filter !== "") return found.map((name) => ({ depth: 0, name }));
    if (form === "recent") return recent.filter((name) => all.includes(name)).map((name) => ({ depth: 0, name }));
    return treeRows(tree, open);
  }, [filter, form, found, tree, open, recent, all]);

  const toggle = (prefix: string): void => {
    const next = new Set(open);
    if (!next.delete(prefix)) next.add(prefix);
    setOpen(next);
  };
  return (
    <div className={classes.side}>
      <TextInput
        data-search
        aria-label="Find a metric"
        placeholder="Find a metric"
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      <SegmentedControl
        size="xs"
        aria-label="Order of the metrics"
        data={[
          { value: "tree", label: "By prefix" },
          { value: "recent", label: "Recent" },
        ]}
        value={form}
        onChange={setForm}
      />
      <div className={classes.sideCount}>{names.data ? `${group(found.length)} of ${group(names.data.length)} metrics` : " "}</div>
      {names.isPending && <Loading what="metrics" />}
      {names.isError && <Failure error={names.error} retry={names.refetch} what="Listing metrics" />}
      {names.data?.length === 0 && <Empty title="No metrics in this range" hint="Widen the range, or send some: Prometheus remote write to /api/v1/write, or OTLP." />}
      {names.data && names.data.length > 0 && found.length === 0 && <Empty title="No metric matches" hint="The words may stand in any order." />}
      <Rows
        rows={rows}
        metas={metas}
        chosen={chosen}
        onToggle={(prefix) => {
          toggle(prefix);
          if (!open.has(prefix)) onPrefix?.(prefix);
        }}
        onChoose={(name) => {
          setChosen(name);
          remember(name);
          onChoose(name, metaOf(name, metas));
        }}
      />
      {chosen !== "" && <Facts name={chosen} meta={metaOf(chosen, metas)} />}
    </div>
  );
}

interface RowsProps {
  rows: readonly TreeRow[];
  metas: ReadonlyMap<string, MetricMeta>;
  chosen: string;
  onToggle: (prefix: string) => void;
  onChoose: (name: string) => void;
}

function Rows({ rows, metas, chosen, onToggle, onChoose }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    getScrollElement: () => scroller.current,
    overscan: 20,
  });
  return (
    <div ref={scroller} className={classes.names} role="group" aria-label="Metrics">
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          const place = { height: rowHeight, transform: `translateY(${start}px)`, paddingLeft: 4 + row.depth * 12 };
          if ("group" in row) {
            return (
              <button type="button" key={row.group.prefix} className={classes.name} aria-expanded={row.open} title={row.group.prefix} style={place} onClick={() => onToggle(row.group.prefix)}>
                <span className={classes.kind} aria-hidden="true">
                  {row.open ? "▾" : "▸"}
                </span>
                <span className={classes.nameText}>{row.group.label}</span>
                <span className={classes.groupCount}>{group(row.group.count)}</span>
              </button>
            );
          }
          const kind = kindOf(row.name, metaOf(row.name, metas));
          return (
            <button type="button" key={row.name} className={classes.name} aria-pressed={row.name === chosen} title={row.name} style={place} onClick={() => onChoose(row.name)}>
              <span className={classes.kind} title={kind} aria-hidden="true">
                {kind.charAt(0).toUpperCase()}
              </span>
              <span className={classes.nameText}>{row.name}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}

function Facts({ name, meta }: { name: string; meta: MetricMeta | undefined }) {
  const { range } = useTime();
  const selector = writeSelector(name, []);
  const count = useAnswer(["prom", "count", selector], ({ signal }) => queryInstant(`count(${selector})`, range.to, signal));
  const series = count.data?.[0]?.value ?? 0;
  return (
    <div className={classes.facts}>
      <code>{name}</code>
      <Text size="sm" c="dimmed">
        {kindOf(name, meta)}
        {meta?.unit ? ` in ${meta.unit}` : ""}
        {count.isSuccess ? ` · ${counted(series, "series", "series")}` : ""}
      </Text>
      {meta?.help && <div>{meta.help}</div>}
    </div>
  );
}
