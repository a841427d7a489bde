import { spanAttributes, type SpanAttribute } from "../../api/spanCardinality";
import { Notice } from "../../components/Notice";
import { Panel } from "../../components/Panel";
import { StatTile } from "../../components/StatTile";
import { Empty, Failure, Loading } from "../../components/status";
import { Table } from "../../components/Table";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { msToNano } from "../../lib/timeFormat";
import { formatValue, group } from "../../lib/units";
import { PartOfRange } from "./PartOfRange";
import { SpanValues } from "./SpanValues";
import classes from "./data.module.css";

const most = 1000;
const before: Record<SpanAttribute["counted"], string> = { exactly: "", about: "≈ ", at_least: "over " };

/** The attributes of spans: many values of one make search slow and storage large. */
export function SpanAttributes({ attribute, onAttribute }: { attribute: string; onAttribute: (attribute: string) => void }) {
  const { range } = useTime();
  const attributes = useAnswer(["cardinality", "spans"], ({ signal }) => spanAttributes({ start: msToNano(range.from), end: msToNano(range.to) }, most, signal));
  if (attributes.isPending) return <Loading height={320} what="attributes of spans" asked={attributes.asked} />;
  if (attributes.isError) return <Failure error={attributes.error} retry={attributes.refetch} what="Asking for attributes of spans" />;
  const { data } = attributes;
  const worst = data.list[0];
  return (
    <>
      <div className={classes.tiles}>
        <StatTile title="Spans" value={group(data.spans)} note={data.complete ? "in the range" : "in the part that was counted"} />
        <StatTile title="Attributes" value={group(data.attributes)} note={data.attributes > data.list.length ? `the ${group(data.list.length)} with most values are below` : "in all scopes"} />
        <StatTile title="Most values" value={worst ? values(worst) : "–"} note={worst?.attribute ?? "no attribute"} />
      </div>
      {attribute !== "" && <SpanValues attribute={attribute} spans={data.spans} onClose={() => onAttribute("")} />}
      <Panel title="Attributes of spans" flush of={attributes}>
        {data.list.length === 0 ? (
          <Empty title="No spans came in this range" height={96} />
        ) : (
          <>
            <PartOfRange of={data} />
            <Table
              label="Attributes of spans"
              maxHeight={480}
              rows={data.list}
              rowKey={(row) => row.attribute}
              onRow={(row) => onAttribute(row.attribute)}
              selected={(row) => row.attribute === attribute}
              initialSort="-values"
              columns={[
                { key: "name", header: "Attribute", width: "minmax(140px, 3fr)", cell: (row) => <span title={row.attribute}>{row.name}</span>, sort: (row) => row.name },
                { key: "scope", header: "Scope", width: "minmax(96px, 1fr)", cell: (row) => row.scope, sort: (row) => row.scope },
                { key: "values", header: "Values", align: "right", width: "minmax(84px, 1fr)", cell: values, sort: (row) => row.distinct },
                { key: "spans", header: "Spans with it", align: "right", width: "minmax(96px, 1fr)", cell: carriers, sort: (row) => row.rows },
                { key: "share", header: "Share", align: "right", cell: (row) => (ofSpans(row) ? formatValue(row.rows / data.spans, "percentunit", 1) : "–"), sort: (row) => (ofSpans(row) ? row.rows : null) },
                { key: "kinds", header: "Type", width: "minmax(72px, 1fr)", cell: (row) => row.kinds.join(", "), sort: (row) => row.kinds.join(", ") },
              ]}
            />
            <Notice>≈ is an estimate. Open an attribute to have its values counted.</Notice>
          </>
        )}
      </Panel>
    </>
  );
}

function values(row: SpanAttribute): string {
  return before[row.counted] + group(row.distinct);
}

function ofSpans({ scope }: SpanAttribute): boolean {
  return scope !== "event" && scope !== "link";
}

function carriers(row: SpanAttribute): string {
  return ofSpans(row) ? group(row.rows) : `${group(row.rows)} ${row.scope}${row.rows === 1 ? "" : "s"}`;
}
