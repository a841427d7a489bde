import type { LimitUse } from "../../api/ingest";
import { Empty } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import { formatValue } from "../../lib/units";
import { limitText, near, tenantName, usedShare } from "./ingest";
import classes from "./data.module.css";

/** The limits of what is sent, the nearest first. */
export function Limits({ limits }: { limits: readonly LimitUse[] }) {
  if (limits.length === 0) return <Empty title="There is no limit that you may know of" height={96} />;
  return <Table label="Limits" columns={columns} rows={limits} rowKey={(row) => `${row.key} ${row.of} ${row.name}`} initialSort="-share" maxHeight={420} />;
}

const columns: TableColumn<LimitUse>[] = [
  { key: "limit", header: "Limit", width: "minmax(180px, 2fr)", cell: (row) => <code title={row.key}>{row.key}</code>, sort: (row) => row.key },
  { key: "of", header: "Of", width: "minmax(100px, 1fr)", cell: (row) => <span title={ownerOf(row)}>{ownerOf(row)}</span>, sort: ownerOf },
  { key: "used", header: "Used", align: "right", cell: (row) => (row.used === null ? <Unmeasured /> : limitText(row.used, row.unit)), sort: (row) => row.used },
  { key: "most", header: "At most", align: "right", cell: (row) => (row.limit === 0 ? "no limit" : limitText(row.limit, row.unit)), sort: (row) => (row.limit === 0 ? null : row.limit) },
  { key: "share", header: "Share", width: "minmax(160px, 1fr)", cell: (row) => <Share use={row} />, sort: usedShare },
];

function ownerOf({ of, name }: LimitUse): string {
  if (of === "server") return "the server";
  return `${of} ${of === "tenant" ? tenantName(name) : name}`;
}

function Unmeasured() {
  return (
    <span className={classes.muted} title="What is over it is counted as refused; how near the rest comes is not measured">
      not measured
    </span>
  );
}

/** How near a limit is, as a bar and a number: the word says what the colour does. */
function Share({ use }: { use: LimitUse }) {
  const share = usedShare(use);
  if (share === undefined) return null;
  const state = share >= 1 ? "over" : share >= near ? "near" : "far";
  const text = share > 0 && share < 0.001 ? "under 0.1 %" : formatValue(share, "percentunit", share < 0.1 ? 1 : 0);
  return (
    <span className={classes.share}>
      <span role="meter" aria-label={`${use.key} of ${ownerOf(use)}`} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(Math.min(share, 1) * 100)} aria-valuetext={text} className={classes.meter}>
        <span className={classes.filled} data-state={state} style={{ width: `${Math.min(share, 1) * 100}%` }} />
      </span>
      <span className={classes.shareText} data-state={state}>
        {text}
        {state === "far" ? "" : state === "near" ? " near" : " full"}
      </span>
    </span>
  );
}
