import { streamLabels } from "../../api/logCardinality";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { Table } from "../../components/Table";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { msToNano } from "../../lib/timeFormat";
import { formatValue, group } from "../../lib/units";

/** The labels of log streams: many values of one make many streams. */
export function StreamLabels() {
  const { range } = useTime();
  const labels = useAnswer(["cardinality", "streams"], ({ signal }) => streamLabels({ start: msToNano(range.from), end: msToNano(range.to) }, signal));
  return (
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
          maxHeight={320}
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
  );
}
