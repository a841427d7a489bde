import { useMutation, useQueryClient } from "@tanstack/react-query";

import { discardDead, queue, retryDead, type Queued } from "../../api/alertdesk";
import { LongList } from "../../components/LongList";
import { Panel } from "../../components/Panel";
import { StateBadge } from "../../components/StateBadge";
import { Failure } from "../../components/status";
import { useAnswer } from "../../components/useAnswer";
import { age } from "../../lib/timeFormat";
import { Sure } from "./Sure";
import classes from "./alerts.module.css";

/** Notifications that wait for their receivers, and those that were given up; nothing where there are none. */
export function Undelivered() {
  const waiting = useAnswer(["queue", "waiting"], ({ signal }) => queue("waiting", signal));
  const dead = useAnswer(["queue", "dead"], ({ signal }) => queue("dead", signal));
  const rows = [...(dead.data ?? []).map((one) => ({ ...one, dead: true })), ...(waiting.data ?? []).map((one) => ({ ...one, dead: false }))];
  const error = waiting.error ?? dead.error;
  if (error) return <Failure error={error} retry={() => Promise.all([waiting.refetch(), dead.refetch()])} what="Asking what was not delivered" />;
  if (rows.length === 0) return null;
  return (
    <Panel title="Not delivered" flush of={dead}>
      <LongList label="Not delivered" rows={rows} rowKey={(row) => `${row.dead} ${row.id}`} className={classes.list} itemClass={() => classes.rule}>
        {(row) => <Row row={row} dead={row.dead} />}
      </LongList>
    </Panel>
  );
}

function Row({ row, dead }: { row: Queued; dead: boolean }) {
  const client = useQueryClient();
  const act = useMutation({ mutationFn: (what: () => Promise<void>) => what(), onSuccess: () => client.invalidateQueries({ queryKey: ["queue"] }) });
  return (
    <>
      <div className={classes.cardHead}>
        <StateBadge tone={dead ? "error" : "warn"}>{dead ? "given up" : "waiting"}</StateBadge>
        <b>{row.receiver}</b> ({row.integration})
        <span className={classes.muted}>
          {row.reason}, {age(Date.parse(row.queued), Date.now())}, {row.attempts} attempt{row.attempts === 1 ? "" : "s"}
        </span>
        {dead && (
          <span className={classes.links}>
            <button type="button" className={classes.textButton} disabled={act.isPending} onClick={() => act.mutate(() => retryDead(row.id))}>
              Try again
            </button>
            <Sure action="Discard" of={`what ${row.receiver} was not told`} disabled={act.isPending} onSure={() => act.mutate(() => discardDead(row.id))} />
          </span>
        )}
      </div>
      {(row.error ?? act.error?.message) && <div className={classes.error}>{row.error ?? act.error?.message}</div>}
    </>
  );
}
