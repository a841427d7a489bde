import { useMemo } from "react";

import { CorrelateMenu } from "../../components/correlate/CorrelateMenu";
import { Table, type TableColumn } from "../../components/Table";
import { groupOperations, type OperationGroup } from "../../lib/traceGroups";
import type { TraceTree } from "../../lib/traceTree";
import { nanoToMs } from "../../lib/timeFormat";
import { formatNanoSpan, formatValue, group } from "../../lib/units";
import classes from "./OperationTable.module.css";

interface OperationTableProps {
  tree: TraceTree;
  /** Colour by service. */
  colours: ReadonlyMap<string, string>;
  /** Key of the span whose detail is open. */
  open: string;
  onOpen(key: string): void;
}

/** The spans of a trace by operation, with how long each was busy itself. A row opens its longest span. */
export function OperationTable({ tree, colours, open, onOpen }: OperationTableProps) {
  const groups = useMemo(() => groupOperations(tree), [tree]);
  const busy = groups.reduce((sum, one) => sum + one.self, 0);
  return (
    <div className={classes.scroller}>
      <Table
        label="Operations"
        columns={columnsFor(colours, busy)}
        rows={groups}
        rowKey={(one) => `${one.service} ${one.name}`}
        initialSort="-self"
        onRow={(one) => onOpen(one.longest.key)}
        selected={(one) => one.longest.key === open}
        maxHeight={2000}
      />
    </div>
  );
}

function columnsFor(colours: ReadonlyMap<string, string>, busy: number): TableColumn<OperationGroup>[] {
  const time = (key: "total" | "mean" | "p95" | "max" | "critical", header: string): TableColumn<OperationGroup> => ({
    key,
    header,
    align: "right",
    width: "80px",
    cell: (one) => (key === "critical" && one.critical === 0 ? "–" : formatNanoSpan(one[key])),
    sort: (one) => one[key],
  });
  return [
    { key: "service", header: "Service", width: "minmax(110px, 1fr)", cell: (one) => serviceCell(one, colours), sort: (one) => one.service },
    { key: "name", header: "Operation", width: "minmax(150px, 2fr)", cell: (one) => <span title={one.name}>{one.name}</span>, sort: (one) => one.name },
    { key: "count", header: "Spans", align: "right", width: "64px", cell: (one) => group(one.count), sort: (one) => one.count },
    { key: "errors", header: "Failed", align: "right", width: "64px", cell: failedCell, sort: (one) => one.errors },
    { key: "self", header: "Self", width: "minmax(130px, 1fr)", cell: (one) => selfCell(one, busy), sort: (one) => one.self },
    time("total", "Total"),
    time("mean", "Mean"),
    time("p95", "p95"),
    time("max", "Longest"),
    time("critical", "Critical"),
    {
      key: "more",
      header: "",
      width: "32px",
      cell: ({ service, name, longest }) => (
        <CorrelateMenu
          label={`More about ${service} ${name}`}
          subject={() => ({ kind: "service", labels: { service_name: service }, operation: name, time: nanoToMs(longest.span.start.toString()) })}
        />
      ),
    },
  ];
}

function serviceCell({ service }: OperationGroup, colours: ReadonlyMap<string, string>) {
  return (
    <span className={classes.service} style={{ borderColor: colours.get(service) }} title={service}>
      {service}
    </span>
  );
}

function failedCell({ errors }: OperationGroup) {
  return errors > 0 ? <span className={classes.failed}>● {group(errors)}</span> : "–";
}

function selfCell({ self }: OperationGroup, busy: number) {
  const share = busy === 0 ? 0 : self / busy;
  return (
    <span className={classes.self} title={`${formatValue(share, "percentunit")} of the time that spans were busy themselves`}>
      <span className={classes.bar} style={{ width: `${share * 100}%` }} aria-hidden="true" />
      <span className={classes.text}>
        {formatNanoSpan(self)} · {formatValue(share, "percentunit", 0)}
      </span>
    </span>
  );
}
