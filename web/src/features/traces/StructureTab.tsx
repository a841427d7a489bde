import { useMemo, useState } from "react";

import { traceStructure, type StructurePath } from "../../api/traceStructure";
import { Empty, Failure, Loading } from "../../components/status";
import { useAnswer } from "../../components/useAnswer";
import type { TimeRange } from "../../lib/time";
import { structureRows, type StructureRow } from "../../lib/structureRows";
import type { Condition } from "../../lib/traceqlEdit";
import { counted, formatNanoSpan, formatValue, group } from "../../lib/units";
import classes from "./StructureTab.module.css";

const HEIGHT = 240;

interface StructureTabProps {
  query: string;
  /** Of the selection where there is one. */
  range: TimeRange;
  /** Narrows the query to one operation. */
  onOperation(conditions: Condition[]): void;
}

/** The traces a query finds laid over each other: which operations on the way bear the errors, and which the time. */
export function StructureTab({ query, range, onOperation }: StructureTabProps) {
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const answer = useAnswer(["traces", "structure", query], ({ signal }) => traceStructure(query, range, signal), { over: range });
  const rows = useMemo(() => structureRows(answer.data?.paths ?? [], folded), [answer.data, folded]);
  if (answer.isPending) return <Loading height={HEIGHT} what="the structure" asked={answer.asked} />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="Laying the traces over each other" />;
  const { traces, more, omitted } = answer.data;
  if (traces === 0) return <Empty title="No traces match in this time range" height={HEIGHT} />;
  const toggle = (index: number) => {
    const next = new Set(folded);
    if (!next.delete(index)) next.add(index);
    setFolded(next);
  };
  return (
    <div>
      <p className={classes.about}>
        {more ? `The newest ${group(traces)} of more traces` : `${group(traces)} ${traces === 1 ? "trace" : "traces"}`}, whole, laid over each other.
        {omitted > 0 && ` ${counted(omitted, "span has", "spans have")} no place: there are too many different operations, or their parents form a ring.`}
      </p>
      <div role="treegrid" aria-label="Operations of the traces" aria-rowcount={rows.length + 1} className={classes.grid}>
        <div role="row" className={classes.head} aria-rowindex={1}>
          <span role="columnheader">Service and operation</span>
          <span role="columnheader" className={classes.number}>
            Traces
          </span>
          <span role="columnheader" className={classes.number}>
            Spans per trace
          </span>
          <span role="columnheader">Own time, of all</span>
          <span role="columnheader">Failed, of its spans</span>
          <span role="columnheader" className={classes.number}>
            Mean
          </span>
        </div>
        {rows.map((row, position) => (
          <Line key={row.index} row={row} position={position} traces={traces} onToggle={() => toggle(row.index)} onOperation={onOperation} />
        ))}
      </div>
    </div>
  );
}

interface LineProps {
  row: StructureRow<StructurePath>;
  position: number;
  traces: number;
  onToggle(): void;
  onOperation: StructureTabProps["onOperation"];
}

function Line({ row, position, traces, onToggle, onOperation }: LineProps) {
  const { path } = row;
  return (
    <div role="row" aria-rowindex={position + 2} aria-level={row.depth + 1} aria-expanded={row.expanded} className={classes.row} data-hot={row.hot || undefined}>
      <span role="gridcell" className={classes.label} style={{ paddingLeft: 4 + Math.min(row.depth, 20) * 14 }}>
        {row.expanded === undefined ? (
          <span className={classes.fold} />
        ) : (
          <button type="button" className={classes.fold} aria-label={`${row.expanded ? "Fold" : "Unfold"} ${path.service} ${path.name}`} onClick={onToggle}>
            {row.expanded ? "▾" : "▸"}
          </button>
        )}
        <button type="button" className={classes.name} dir="auto" title={`Search for ${path.service} ${path.name}`} onClick={() => onOperation(conditionsOf(path))}>
          <b>{path.service}</b> {path.name}
        </button>
      </span>
      <span role="gridcell" className={classes.number}>
        {formatValue(path.traces / traces, "percentunit", 0)}
      </span>
      <span role="gridcell" className={classes.number}>
        {formatValue(path.spans / traces)}
      </span>
      <Share share={row.selfShare} text={`${formatValue(row.selfShare, "percentunit", 0)} · ${formatNanoSpan(path.self / traces)} per trace`} />
      <Share share={path.errors / path.spans} text={path.errors === 0 ? "–" : `${formatValue(path.errors / path.spans, "percentunit", 0)} · ${group(path.errors)}${row.began > 0 ? `, ${group(row.began)} began here` : ""}`} failed />
      <span role="gridcell" className={classes.number}>
        {formatNanoSpan(path.total / path.spans)}
      </span>
    </div>
  );
}

function Share({ share, text, failed = false }: { share: number; text: string; failed?: boolean }) {
  return (
    <span role="gridcell" className={classes.share}>
      <i style={{ width: `${Math.min(share, 1) * 100}%` }} data-failed={failed || undefined} />
      <span>{text}</span>
    </span>
  );
}

function conditionsOf({ service, name }: StructurePath): Condition[] {
  return [
    { field: "resource.service.name", op: "=", value: service, quoted: true },
    { field: "name", op: "=", value: name, quoted: true },
  ];
}
