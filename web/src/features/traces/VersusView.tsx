import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, type ReactNode } from "react";

import { fetchTrace } from "../../api/tempo";
import { Empty, Failure, Loading } from "../../components/status";
import { tracePlace } from "../../lib/links";
import { tracePaths } from "../../lib/tracePaths";
import { buildTree, type TraceTree } from "../../lib/traceTree";
import { largestDeltas, versus, type VersusRow } from "../../lib/traceVersus";
import { counted, formatNanoSpan, group } from "../../lib/units";
import classes from "./Versus.module.css";

const ROW = 26;
const MOST_DELTAS = 12;
// Beside the longest bar its length is to have room, in pixels.
const TEXT = 64;

interface VersusViewProps {
  id: string;
  tree: TraceTree;
  /** Id of the trace to compare with. */
  vs: string;
  onEnd(): void;
}

/** A trace laid over another: what took longer, what took less, what is missing and what is new. */
export function VersusView({ id, tree, vs, onEnd }: VersusViewProps) {
  const other = useQuery({ queryKey: ["trace", vs], queryFn: ({ signal }) => fetchTrace(vs, signal) });
  const otherTree = useMemo(() => (other.data ? buildTree(other.data.spans) : undefined), [other.data]);
  const rows = useMemo(() => (otherTree ? versus(tracePaths(tree), tracePaths(otherTree)) : []), [tree, otherTree]);
  if (other.isPending) return <Loading height={320} what="the other trace" />;
  if (other.isError) return <Failure error={other.error} retry={other.refetch} what="Reading the other trace" />;
  if (!otherTree || otherTree.nodes.length === 0) {
    return (
      <Empty
        title={`No trace ${vs}`}
        height={240}
        hint={
          <Button size="compact-xs" variant="default" onClick={onEnd}>
            End the comparison
          </Button>
        }
      />
    );
  }
  const count = (verdict: VersusRow["verdict"]) => rows.filter((row) => row.verdict === verdict).length;
  return (
    <>
      <div className={classes.bar}>
        <span>
          Against <Link {...tracePlace(vs)}>{vs.slice(0, 8)}…</Link> which took <strong>{formatNanoSpan(otherTree.duration)}</strong>: {signed(tree.duration - otherTree.duration)}
        </span>
        <ul className={classes.legend} aria-label="What the marks mean">
          {(["slower", "faster", "new", "missing", "same"] as const).map((verdict) => (
            <li key={verdict} data-verdict={verdict}>
              {mark[verdict]} {count(verdict)} {verdict}
            </li>
          ))}
        </ul>
        <Link {...swapped(id, vs)}>Swap</Link>
        <Button size="compact-xs" variant="default" onClick={onEnd}>
          End the comparison
        </Button>
      </div>
      <div className={classes.sides}>
        <Rows rows={rows} longest={Math.max(tree.duration, otherTree.duration, 1)} />
        <Deltas rows={rows} />
      </div>
    </>
  );
}

function swapped(id: string, vs: string) {
  const place = tracePlace(vs);
  return { ...place, search: (before: Parameters<typeof place.search>[0]) => ({ ...place.search(before), vs: id }) };
}

const mark: Record<VersusRow["verdict"], string> = { slower: "▲", faster: "▼", new: "+", missing: "−", same: "=" };

/** A difference of durations, with its sign. */
function signed(nanos: number): string {
  return nanos === 0 ? "the same" : `${nanos > 0 ? "+" : "−"}${formatNanoSpan(Math.abs(nanos))}`;
}

function Rows({ rows, longest }: { rows: readonly VersusRow[]; longest: number }) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 16 });
  // Some read the rows by keyboard alone: the list is a stop for it, and scrolls.
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div ref={scroller} className={classes.scroller} role="table" aria-label="Both traces, laid over each other" aria-rowcount={rows.length + 1} tabIndex={0}>
      <div role="row" className={classes.head}>
        <span role="columnheader">Service and operation</span>
        <span role="columnheader">This trace over the other</span>
        <span role="columnheader" className={classes.number}>
          Difference
        </span>
      </div>
      <div role="rowgroup" className={classes.rows} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          return (
            <div key={index} role="row" aria-rowindex={index + 2} className={classes.row} data-verdict={row.verdict} style={{ transform: `translateY(${start}px)`, height: ROW }}>
              <span role="cell" className={classes.label} style={{ paddingLeft: 8 + Math.min(row.depth, 24) * 12 }} title={`${row.service} ${row.name}`}>
                <b>{row.service}</b> {row.name}
                <Count row={row} />
              </span>
              <span role="cell" className={classes.bars}>
                <Bar share={(row.here?.total ?? 0) / longest} side="here" text={row.here ? formatNanoSpan(row.here.total) : "–"} />
                <Bar share={(row.there?.total ?? 0) / longest} side="there" text={row.there ? formatNanoSpan(row.there.total) : "–"} />
              </span>
              <Difference row={row} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Count({ row }: { row: VersusRow }): ReactNode {
  const here = row.here?.spans.length ?? 0;
  const there = row.there?.spans.length ?? 0;
  return (
    <>
      {(here > 1 || there > 1) && (
        <span className={classes.times}>
          {" "}
          {group(here)}× : {group(there)}×
        </span>
      )}
      {row.moreErrors !== 0 && <span className={classes.failed}> ● {row.moreErrors > 0 ? `${row.moreErrors} more failed` : `${-row.moreErrors} fewer failed`}</span>}
    </>
  );
}

function Bar({ share, side, text }: { share: number; side: "here" | "there"; text: string }) {
  return (
    <span className={classes.track} data-side={side}>
      <i style={{ width: `calc(${Math.min(share, 1)} * (100% - ${TEXT}px))` }} />
      <span className={classes.length} style={{ left: `calc(${Math.min(share, 1)} * (100% - ${TEXT}px) + 4px)` }}>
        {text}
      </span>
    </span>
  );
}

function Difference({ row }: { row: VersusRow }) {
  return (
    <span role="cell" className={classes.number} data-verdict={row.verdict}>
      {mark[row.verdict]} {row.verdict === "same" || row.verdict === "new" || row.verdict === "missing" ? row.verdict : signed(row.delta)}
    </span>
  );
}

function Deltas({ rows }: { rows: readonly VersusRow[] }) {
  const largest = useMemo(() => largestDeltas(rows, MOST_DELTAS), [rows]);
  return (
    <section className={classes.deltas} aria-label="Largest differences">
      <h3 className={classes.heading}>Largest differences of own time</h3>
      {largest.length === 0 ? (
        <p className={classes.hint}>Nothing differs by more than what always varies: 1 ms, or a fifth.</p>
      ) : (
        <ol className={classes.list}>
          {largest.map((row, index) => (
            // Rows have no identity but their place.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={index} className={classes.delta}>
              <span className={classes.label} title={`${row.service} ${row.name}`}>
                <b>{row.service}</b> {row.name}
              </span>
              <span className={classes.number} data-verdict={row.selfDelta > 0 ? "slower" : row.selfDelta < 0 ? "faster" : "same"}>
                {signed(row.selfDelta)}
              </span>
              {(row.moreSpans !== 0 || row.moreErrors !== 0) && (
                <span className={classes.more}>
                  {row.moreSpans !== 0 && `${row.moreSpans > 0 ? "+" : "−"}${counted(Math.abs(row.moreSpans), "span")}`}
                  {row.moreErrors !== 0 && <span className={classes.failed}> ● {row.moreErrors > 0 ? `+${row.moreErrors}` : `−${-row.moreErrors}`} failed</span>}
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
