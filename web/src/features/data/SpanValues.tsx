import { Link } from "@tanstack/react-router";

import { spanValues, type SpanValue } from "../../api/spanCardinality";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { Table } from "../../components/Table";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { tracesPlace } from "../../lib/links";
import { msToNano } from "../../lib/timeFormat";
import { writeConditions } from "../../lib/traceqlEdit";
import { counted, formatValue, group } from "../../lib/units";
import { PartOfRange } from "./PartOfRange";
import classes from "./data.module.css";

const most = 200;
// Of these there are literals in TraceQL.
const literal = new Set(["string", "int", "float", "bool"]);

/** The values of one attribute of spans, each with the way to its traces. `spans` are all there are. */
export function SpanValues({ attribute, spans, onClose }: { attribute: string; spans: number; onClose: () => void }) {
  const { range } = useTime();
  const values = useAnswer(["cardinality", "spans", attribute], ({ signal }) => spanValues(attribute, { start: msToNano(range.from), end: msToNano(range.to) }, most, signal));
  const { data } = values;
  return (
    <Panel
      title={attribute}
      flush
      of={values}
      actions={
        <>
          {data && <span className={classes.muted}>{data.values > data.list.length ? `${group(data.list.length)} of ${counted(data.values, "value")}` : counted(data.values, "value")}</span>}
          <button type="button" className={classes.textButton} onClick={onClose}>
            Close
          </button>
        </>
      }
    >
      {values.isPending ? (
        <Loading what="values" asked={values.asked} />
      ) : values.isError ? (
        <Failure error={values.error} retry={values.refetch} what="Asking for the values" />
      ) : values.data.list.length === 0 ? (
        <Empty title="No span in this range has it" height={96} />
      ) : (
        <>
          <PartOfRange of={values.data} />
          <Table
            label={`Values of ${attribute}`}
            maxHeight={320}
            rows={values.data.list}
            rowKey={(row) => `${row.kind} ${row.value}`}
            initialSort="-spans"
            columns={[
              { key: "value", header: "Value", width: "minmax(100px, 4fr)", cell: (row) => <span title={row.value}>{shown(row)}</span>, sort: (row) => row.value },
              { key: "spans", header: "Spans", align: "right", width: "minmax(60px, 1fr)", cell: (row) => group(row.spans), sort: (row) => row.spans },
              { key: "share", header: "Share", align: "right", width: "64px", cell: (row) => (values.data.complete && spans > 0 ? formatValue(row.spans / spans, "percentunit", 1) : "–"), sort: (row) => row.spans },
              { key: "traces", header: "Traces", align: "right", width: "60px", cell: (row) => <Search attribute={attribute} of={row} /> },
            ]}
          />
        </>
      )}
    </Panel>
  );
}

function shown({ value, cut }: SpanValue): string {
  return `${value || '""'}${cut ? "…" : ""}`;
}

function Search({ attribute, of: { value, kind, cut } }: { attribute: string; of: SpanValue }) {
  if (cut || !literal.has(kind)) return null;
  const query = writeConditions([{ field: attribute, op: "=", value, quoted: kind === "string" }]);
  return (
    <Link {...tracesPlace(query)} aria-label={`Traces with ${attribute} ${value}`}>
      Search
    </Link>
  );
}
