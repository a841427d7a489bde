import { streamLabels, streamTotals } from "../../api/logCardinality";
import { Panel } from "../../components/Panel";
import { StatTile } from "../../components/StatTile";
import { Empty, Failure, Loading } from "../../components/status";
import { Table } from "../../components/Table";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { msToNano } from "../../lib/timeFormat";
import { formatValue, group } from "../../lib/units";
import classes from "./data.module.css";

/** The labels of log streams: many values of one make many streams. */
export function StreamLabels() {
  const { range } = useTime();
  const within = { start: msToNano(range.from), end: msToNano(range.to) };
  const labels = useAnswer(["cardinality", "streams"], ({ signal }) => streamLabels(within, signal));
  const totals = useAnswer(["cardinality", "streams", "totals"], ({ signal }) => streamTotals(within, signal));
  const all = totals.data;
  return (
    <>
      <div className={classes.tiles}>
        <StatTile title="Streams" value={all ? group(all.streams) : "–"} note="with lines in the range" />
        <StatTile title="Labels" value={labels.data ? group(labels.data.length) : "–"} note="of these streams" />
        <StatTile title="Lines" value={all ? group(all.entries) : "–"} note={all && all.streams > 0 ? `${formatValue(all.entries / all.streams)} in a stream on average` : "in the range"} />
        <StatTile title="Size" value={all ? formatValue(all.bytes, "bytes") : "–"} note="of these lines as they came" />
      </div>
      <Panel title="Labels of log streams" flush of={labels}>
        {labels.isPending ? (
          <Loading what="labels of streams" />
        ) : labels.isError ? (
          <Failure error={labels.error} retry={labels.refetch} what="Asking for labels of streams" />
        ) : labels.data.length === 0 ? (
          <Empty title="No lines came in this range" height={96} />
        ) : (
          <Table
            label="Labels of log streams"
            maxHeight={480}
            rows={labels.data}
            rowKey={(row) => row.label}
            initialSort="-values"
            columns={[
              { key: "label", header: "Label", width: "minmax(120px, 2fr)", cell: (row) => row.label, sort: (row) => row.label },
              { key: "values", header: "Values", align: "right", cell: (row) => group(row.values), sort: (row) => row.values },
              { key: "bytes", header: "Lines with it", align: "right", cell: (row) => formatValue(row.bytes, "bytes"), sort: (row) => row.bytes },
            ]}
          />
        )}
      </Panel>
    </>
  );
}
