import { useMemo } from "react";

import { Table, type TableColumn } from "../../components/Table";
import { layoutMap, type Point } from "../../lib/serviceMap";
import { shorten } from "../../lib/shorten";
import { traceCalls, type ServiceCalls, type ServicePart } from "../../lib/traceCalls";
import type { TraceTree } from "../../lib/traceTree";
import { counted, formatNanoSpan, formatValue, group } from "../../lib/units";
import classes from "./TraceMap.module.css";

const grid = { column: 260, row: 64 };
// Half the size of a node's box.
const half = { x: 84, y: 22 };
const nameLength = 20;

interface TraceMapProps {
  tree: TraceTree;
  /** Colour by service. */
  colours: ReadonlyMap<string, string>;
  /** Narrows the trace to the spans of a service. */
  onService(name: string): void;
}

/** The services that a trace went through, callers to the left; the table below has the same. */
export function TraceMap({ tree, colours, onService }: TraceMapProps) {
  const { parts, calls } = useMemo(() => traceCalls(tree), [tree]);
  const layout = useMemo(
    () =>
      layoutMap(
        parts.map((part) => part.name),
        calls,
        grid,
      ),
    [parts, calls],
  );
  const busy = parts.reduce((sum, part) => sum + part.self, 0);
  const most = Math.max(...calls.map((call) => call.count), 1);
  return (
    <div className={classes.scroller}>
      <svg
        className={classes.map}
        width={layout.width}
        height={layout.height}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        role="group"
        aria-label={`Map of ${counted(parts.length, "service")} of the trace; the table below has the same`}
      >
        {calls.map((call, index) => (
          <Call key={`${call.from} ${call.to}`} call={call} route={layout.routes[index] ?? []} share={call.count / most} />
        ))}
        {parts.map((part) => (
          <Service
            key={part.name}
            part={part}
            share={busy === 0 ? 0 : part.self / busy}
            colour={colours.get(part.name)}
            at={layout.nodes.get(part.name) ?? { x: 0, y: 0 }}
            onOpen={() => onService(part.name)}
          />
        ))}
      </svg>
      {calls.length > 0 && <Table label="Calls between services" columns={callColumns} rows={calls} rowKey={(call) => `${call.from} ${call.to}`} initialSort="-total" />}
    </div>
  );
}

function Call({ call, route, share }: { call: ServiceCalls; route: readonly Point[]; share: number }) {
  const first = route[0];
  const last = route.at(-1);
  if (!first || !last) return null;
  const side = last.x < first.x ? -half.x : half.x;
  const points = [{ x: first.x + side, y: first.y }, ...route.slice(1, -1), { x: last.x - side, y: last.y }];
  const path = points.map(({ x, y }, index) => {
    const before = points[index - 1];
    if (!before) return `M${x} ${y}`;
    const bend = (x - before.x) / 2;
    return `C${before.x + bend} ${before.y} ${x - bend} ${y} ${x} ${y}`;
  });
  const middle = { x: (first.x + last.x) / 2, y: (first.y + last.y) / 2 };
  return (
    <g className={classes.call} data-failed={call.errors > 0 || undefined} aria-hidden="true">
      <path className={classes.line} d={path.join("")} strokeWidth={1 + 3 * Math.sqrt(share)} />
      <path className={classes.tip} d={`M${last.x - side} ${last.y}l${side > 0 ? -8 : 8} -4.5v9z`} />
      {route.length === 2 && (
        <text className={classes.count} x={middle.x} y={middle.y - 6} textAnchor="middle">
          {group(call.count)}×
        </text>
      )}
    </g>
  );
}

interface ServiceProps {
  part: ServicePart;
  /** Of the time that spans were busy themselves. */
  share: number;
  colour: string | undefined;
  at: Point;
  onOpen(): void;
}

function Service({ part, share, colour, at, onOpen }: ServiceProps) {
  const failed = part.errors > 0 ? `, ${group(part.errors)} failed` : "";
  const text = `${part.name}: ${counted(part.spans, "span")}${failed}, busy ${formatNanoSpan(part.self)}, ${formatValue(share, "percentunit", 0)} of the trace`;
  return (
    <g
      transform={`translate(${at.x} ${at.y})`}
      className={classes.node}
      role="button"
      tabIndex={0}
      aria-label={`${text}. Find its spans`}
      onClick={onOpen}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        onOpen();
      }}
    >
      <title>{text}</title>
      <rect className={classes.box} x={-half.x} y={-half.y} width={2 * half.x} height={2 * half.y} rx={6} />
      <rect x={-half.x} y={-half.y} width={5} height={2 * half.y} rx={2} fill={colour} />
      {/* Cut where the box ends: some letters are wide. */}
      <svg x={-half.x + 14} y={-half.y} width={2 * half.x - 18 - (part.errors > 0 ? 26 : 0)} height={half.y}>
        <text className={classes.name} y={half.y - 3}>
          {shorten(part.name, nameLength) || "(no name)"}
        </text>
      </svg>
      <text className={classes.numbers} x={-half.x + 14} y={13}>
        {counted(part.spans, "span")} · {formatNanoSpan(part.self)} · {formatValue(share, "percentunit", 0)}
      </text>
      {part.errors > 0 && (
        <text className={classes.failed} x={half.x - 8} y={-3} textAnchor="end">
          ● {group(part.errors)}
        </text>
      )}
    </g>
  );
}

const callColumns: TableColumn<ServiceCalls>[] = [
  { key: "from", header: "From", width: "minmax(120px, 1fr)", cell: (call) => call.from, sort: (call) => call.from },
  { key: "to", header: "To", width: "minmax(120px, 1fr)", cell: (call) => call.to, sort: (call) => call.to },
  { key: "count", header: "Calls", align: "right", width: "80px", cell: (call) => group(call.count), sort: (call) => call.count },
  { key: "errors", header: "Failed", align: "right", width: "80px", cell: (call) => (call.errors > 0 ? <span className={classes.bad}>● {group(call.errors)}</span> : "–"), sort: (call) => call.errors },
  { key: "total", header: "Time in them", align: "right", width: "120px", cell: (call) => formatNanoSpan(call.total), sort: (call) => call.total },
];
