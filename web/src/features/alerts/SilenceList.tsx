import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { expireSilence, formatMatcher, silences, type Silence } from "../../api/alertmanager";
import { ApiError } from "../../api/client";
import { Panel } from "../../components/Panel";
import { StateBadge, type Tone } from "../../components/StateBadge";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { matches } from "../../lib/matchers";
import { formatTime } from "../../lib/timeFormat";
import type { Firing } from "./firing";
import { SilenceForm, type SilenceDraft } from "./SilenceForm";
import classes from "./alerts.module.css";

const tones: Record<Silence["status"]["state"], Tone> = { active: "ok", pending: "info", expired: "muted" };
const order = ["active", "pending", "expired"];

/** The silences, those in force first; made, changed and ended here. */
export function SilenceList({ filter, alerts }: { filter: string; alerts: readonly Firing[] }) {
  const { tick } = useTime();
  const [draft, setDraft] = useState<SilenceDraft>();
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
  const rows = all.data
    .filter((one) => wordsOf(one).toLowerCase().includes(wanted))
    .toSorted((a, b) => order.indexOf(a.status.state) - order.indexOf(b.status.state) || b.endsAt.localeCompare(a.endsAt));
  return (
    <>
      <Panel
        title="Silences"
        flush
        actions={
          <Button size="compact-xs" onClick={() => setDraft({ matchers: [] })}>
            New silence
          </Button>
        }
      >
        {rows.length === 0 ? (
          <Empty
            title={all.data.length === 0 ? "Nothing is silenced" : "No silence matches"}
            hint={all.data.length === 0 ? "Silences made here, through Alertmanager's API v2 or amtool are listed here." : "Clear the filter to see all."}
            height={160}
          />
        ) : (
          <ul className={classes.list} aria-label="Silences">
            {rows.map((row) => (
              <li key={row.id} className={classes.rule}>
                <Row silence={row} alerts={alerts} onDraft={setDraft} />
              </li>
            ))}
          </ul>
        )}
      </Panel>
      {draft && <SilenceForm of={draft} alerts={alerts} onClose={() => setDraft(undefined)} />}
    </>
  );
}

/** What a silence is found by. The filter may be of another tab, where labels are written without quotes. */
function wordsOf({ matchers, comment, createdBy }: Silence): string {
  return [...matchers.flatMap((one) => [formatMatcher(one), `${one.name}=${one.value}`]), comment, createdBy].join(" ");
}

function Row({ silence, alerts, onDraft }: { silence: Silence; alerts: readonly Firing[]; onDraft: (draft: SilenceDraft) => void }) {
  const { zone } = useTime();
  const client = useQueryClient();
  const expire = useMutation({
    mutationFn: () => expireSilence(silence.id),
    onSuccess: () => Promise.all([client.invalidateQueries({ queryKey: ["silences"] }), client.invalidateQueries({ queryKey: ["notified"] })]),
  });
  const { state } = silence.status;
  const muted = alerts.filter((alert) => alert.state === "firing" && matches(silence.matchers, alert.labels)).length;
  return (
    <>
      <div className={classes.cardHead}>
        <StateBadge tone={tones[state]}>{state}</StateBadge>
        <code className={classes.wrap}>{silence.matchers.map(formatMatcher).join(", ")}</code>
        <span className={classes.links}>
          {state === "expired" ? (
            <button type="button" className={classes.textButton} onClick={() => onDraft({ matchers: silence.matchers, comment: silence.comment })}>
              Create again
            </button>
          ) : (
            <>
              <button type="button" className={classes.textButton} onClick={() => onDraft(silence)}>
                Extend or change
              </button>
              <button type="button" className={classes.textButton} disabled={expire.isPending} onClick={() => expire.mutate()}>
                Expire now
              </button>
            </>
          )}
        </span>
      </div>
      <div className={classes.muted}>
        {silence.comment} · {silence.createdBy} · {formatTime(Date.parse(silence.startsAt), zone)} to {formatTime(Date.parse(silence.endsAt), zone)}
        {state === "active" && ` · mutes ${muted} alert${muted === 1 ? "" : "s"} now`}
      </div>
      {expire.isError && (
        <div role="alert" className={classes.error}>
          {expire.error.message}
        </div>
      )}
    </>
  );
}
