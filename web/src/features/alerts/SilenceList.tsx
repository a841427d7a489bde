import { useQuery } from "@tanstack/react-query";

import { formatMatcher, silences, type Silence } from "../../api/alertmanager";
import { ApiError } from "../../api/client";
import { StateBadge, type Tone } from "../../components/StateBadge";
import { Empty, Failure, Loading } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import { Panel } from "../../components/Panel";
import { useTime } from "../../components/time/TimeContext";
import { formatTime } from "../../lib/timeFormat";

const tones: Record<Silence["status"]["state"], Tone> = { active: "ok", pending: "info", expired: "muted" };

/** The silences, those in force first. */
export function SilenceList({ filter }: { filter: string }) {
  const { zone, tick } = useTime();
  const all = useQuery({ queryKey: ["silences", tick], queryFn: ({ signal }) => silences(signal) });

  if (all.isPending) return <Loading height={240} what="silences" />;
  if (all.isError) {
    const absent = all.error instanceof ApiError && all.error.status === 404;
    return absent ? (
      <Empty title="No Alertmanager API on this server" hint="Silences are kept by the Alertmanager that notifications are sent to." height={240} />
    ) : (
      <Failure error={all.error} retry={all.refetch} what="Asking for silences" />
    );
  }
  const wanted = filter.trim().toLowerCase();
  const rows = all.data.filter((one) => `${one.matchers.map(formatMatcher).join(" ")} ${one.comment} ${one.createdBy}`.toLowerCase().includes(wanted));
  if (rows.length === 0) {
    return all.data.length === 0 ? (
      <Empty title="Nothing is silenced" hint="Silences made through Alertmanager's API v2 or amtool are listed here." height={240} />
    ) : (
      <Empty title="No silence matches" hint="Clear the filter to see all." height={240} />
    );
  }
  return (
    <Panel title="Silences" flush>
      <Table label="Silences" columns={columns(zone)} rows={rows} rowKey={(row) => row.id} initialSort="state" />
    </Panel>
  );
}

function columns(zone: string): TableColumn<Silence>[] {
  const matchers = (row: Silence): string => row.matchers.map(formatMatcher).join(", ");
  return [
    {
      key: "state",
      header: "State",
      width: "96px",
      cell: (row) => <StateBadge tone={tones[row.status.state]}>{row.status.state}</StateBadge>,
      sort: (row) => ["active", "pending", "expired"].indexOf(row.status.state),
    },
    { key: "matchers", header: "Matches", width: "minmax(200px, 2fr)", cell: (row) => <code title={matchers(row)}>{matchers(row)}</code>, sort: matchers },
    { key: "comment", header: "Comment", width: "minmax(120px, 2fr)", cell: (row) => <span title={row.comment}>{row.comment}</span>, sort: (row) => row.comment },
    { key: "by", header: "By", width: "120px", cell: (row) => row.createdBy, sort: (row) => row.createdBy },
    { key: "from", header: "From", width: "160px", cell: (row) => formatTime(Date.parse(row.startsAt), zone), sort: (row) => row.startsAt },
    { key: "to", header: "Until", width: "160px", cell: (row) => formatTime(Date.parse(row.endsAt), zone), sort: (row) => row.endsAt },
  ];
}
