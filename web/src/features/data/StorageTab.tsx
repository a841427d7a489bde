
import { blocks } from "../../api/prom";
import { Notice } from "../../components/Notice";
import { Panel } from "../../components/Panel";
import { StatTile } from "../../components/StatTile";
import { Empty, Failure, Loading } from "../../components/status";
import { Table } from "../../components/Table";
import { useTime } from "../../components/time/TimeContext";
import { useAnswerNow } from "../../components/useAnswerNow";
import { age, formatTime } from "../../lib/timeFormat";
import { formatValue, group } from "../../lib/units";
import { BlockTimeline } from "./BlockTimeline";
import { Retention } from "./Retention";
import { daysLeft, storageOf, type SignalStorage } from "./storage";
import { useStatus } from "./useStatus";
import classes from "./data.module.css";

/** What each signal takes on disk, since when, and how long there is room. */
export function StorageTab() {
  const { zone } = useTime();
  const status = useStatus();
  const all = useAnswerNow(["prom", "blocks"], ({ signal }) => blocks(signal));
  if (status.isPending) return <Loading as="page" height={320} what="the server's status" asked={status.asked} />;
  if (status.isError) return <Failure error={status.error} retry={status.refetch} what="Asking for the status" />;
  const now = Date.now();
  const { signals, free } = storageOf(status.data.sections, all.data ?? []);
  const bytes = signals.reduce((sum, one) => sum + one.bytes, 0);
  const left = daysLeft(signals, free, now);
  const refused = signals.filter((one) => one.readOnly !== "");
  return (
    <>
      {refused.map((one) => (
        <Notice key={one.signal}>
          {one.signal} are read-only: {one.readOnly}
        </Notice>
      ))}
      <div className={classes.tiles}>
        <StatTile title="On disk" value={formatValue(bytes, "bytes")} note="of all signals" />
        <StatTile title="Free" value={free === undefined ? "–" : formatValue(free, "bytes")} note="where the data folder is" />
        <StatTile
          title="Room for"
          value={left === undefined ? "–" : left > 3650 ? "years" : `${group(Math.floor(left))} days`}
          note={left === undefined ? "more data is needed to tell" : "at the mean rate so far; retention may free some before"}
          {...(left !== undefined && left < 7 ? { token: "error" } : {})}
        />
      </div>
      <Panel title="Signals" flush of={status}>
        <Table
          label="Signals"
          rows={signals}
          rowKey={(row) => row.signal}
          columns={[
            { key: "signal", header: "Signal", cell: (row) => row.signal },
            { key: "bytes", header: "On disk", align: "right", cell: (row) => formatValue(row.bytes, "bytes"), sort: (row) => row.bytes },
            { key: "parts", header: "Files", width: "minmax(160px, 2fr)", cell: (row) => <span title={row.made}>{row.made}</span> },
            { key: "rows", header: "Rows or series", align: "right", cell: (row) => group(row.rows), sort: (row) => row.rows },
            { key: "per", header: "Bytes a row", align: "right", cell: (row) => (row.bytesPerRow === undefined ? "–" : formatValue(row.bytesPerRow, "bytes")), sort: (row) => row.bytesPerRow ?? null },
            { key: "oldest", header: "Oldest", align: "right", cell: (row) => <When ms={row.oldest} zone={zone} now={now} />, sort: (row) => row.oldest },
            { key: "newest", header: "Newest", align: "right", cell: (row) => <When ms={row.newest} zone={zone} now={now} />, sort: (row) => row.newest },
            { key: "kept", header: "Kept for", align: "right", cell: (row) => row.retention || "–" },
            { key: "damaged", header: "Set aside", align: "right", cell: (row) => group(row.quarantined) },
          ]}
        />
      </Panel>
      <Retention />
      <Panel title="What reaches back how far" flush>
        {signals.every((one) => Number.isNaN(one.oldest)) ? <Empty title="Nothing is stored yet" /> : <BlockTimeline signals={signals} blocks={all.data ?? []} now={now} zone={zone} />}
      </Panel>
      <Panel title="Blocks of metrics" flush of={all}>
        {all.isError ? (
          <Failure error={all.error} retry={all.refetch} what="Asking for blocks" />
        ) : all.data && all.data.length > 0 ? (
          <Table
            label="Blocks"
            maxHeight={320}
            rows={all.data}
            rowKey={(row) => row.id}
            columns={[
              { key: "id", header: "Block", width: "minmax(200px, 2fr)", cell: (row) => <code>{row.id}</code> },
              { key: "from", header: "From", cell: (row) => formatTime(row.from, zone), sort: (row) => row.from },
              { key: "to", header: "To", cell: (row) => formatTime(row.to, zone), sort: (row) => row.to },
              { key: "level", header: "Level", align: "right", width: "64px", cell: (row) => group(row.level), sort: (row) => row.level },
              { key: "series", header: "Series", align: "right", cell: (row) => group(row.series), sort: (row) => row.series },
              { key: "samples", header: "Samples", align: "right", cell: (row) => group(row.samples), sort: (row) => row.samples },
            ]}
          />
        ) : (
          <Empty title="No block is written yet" hint="The first is written when samples are about three hours old; until then they are in the head and its log." height={96} />
        )}
      </Panel>
    </>
  );
}

function When({ ms, zone, now }: { ms: SignalStorage["oldest"]; zone: string; now: number }) {
  return Number.isNaN(ms) ? "–" : <span title={formatTime(ms, zone)}>{age(ms, now)}</span>;
}
