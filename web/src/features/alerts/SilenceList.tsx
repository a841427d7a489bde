import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { expireSilence, saveSilence, silences, type Silence } from "../../api/alertmanager";
import { ApiError } from "../../api/client";
import { announce } from "../../components/announce";
import { LongList } from "../../components/LongList";
import { Notice } from "../../components/Notice";
import { Panel } from "../../components/Panel";
import { StateBadge, type Tone } from "../../components/StateBadge";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useCurrent } from "../../components/useAnswerNow";
import { filterMatchers, formatMatcher, matches, parseMatchers } from "../../lib/matchers";
import { formatTime } from "../../lib/timeFormat";
import type { Firing } from "./firing";
import { SilenceForm, type SilenceDraft } from "./SilenceForm";
import classes from "./alerts.module.css";

const tones: Record<Silence["status"]["state"], Tone> = { active: "ok", pending: "info", expired: "muted" };
const order = ["active", "pending", "expired"];

interface SilenceListProps {
  filter: string;
  alerts: readonly Firing[];
  /** Matchers of a silence to make at once, or "". */
  fresh: string;
  /** It was made, or not. */
  onFresh: () => void;
}

/** The silences, those in force first; made, changed and ended here. */
export function SilenceList({ filter, alerts, fresh, onFresh }: SilenceListProps) {
  const [chosen, setDraft] = useState<SilenceDraft>();
  const draft = chosen ?? (fresh === "" ? undefined : { matchers: parseMatchers(fresh) ?? [] });
  const all = useCurrent(["silences"], ({ signal }) => silences(signal));
  const client = useQueryClient();
  const [ended, setEnded] = useState<Silence>();
  const undo = useMutation({
    mutationFn: async ({ matchers, endsAt, createdBy, comment }: Silence) => {
      await saveSilence({ matchers, startsAt: new Date().toISOString(), endsAt, createdBy, comment });
      await Promise.all([client.invalidateQueries({ queryKey: ["silences"] }), client.invalidateQueries({ queryKey: ["notified"] })]);
    },
    onSuccess: () => {
      setEnded(undefined);
      announce("The silence is in force again.");
    },
  });

  if (all.isPending) return <Loading height={240} what="silences" asked={all.asked} />;
  if (all.isError) {
    const absent = all.error instanceof ApiError && all.error.status === 404;
    return absent ? (
      <Empty title="No Alertmanager API on this server" hint="Silences are kept by the Alertmanager that notifications are sent to." height={240} />
    ) : (
      <Failure error={all.error} retry={all.refetch} what="Asking for silences" />
    );
  }
  const wanted = filter.trim().toLowerCase();
  const matchers = filterMatchers(filter);
  const rows = all.data
    .filter((one) => (matchers ? matches(matchers, labelsOf(one)) : wordsOf(one).toLowerCase().includes(wanted)))
    .toSorted((a, b) => order.indexOf(a.status.state) - order.indexOf(b.status.state) || b.endsAt.localeCompare(a.endsAt));
  return (
    <>
      <Panel
        title="Silences"
        flush
        of={all}
        actions={
          <Button size="compact-xs" onClick={() => setDraft({ matchers: [] })}>
            New silence
          </Button>
        }
      >
        {ended && (
          <Notice action={{ label: "Undo", run: () => undo.mutate(ended) }}>
            Ended: {ended.matchers.map(formatMatcher).join(", ")}
            {undo.isError && ` · ${undo.error.message}`}
          </Notice>
        )}
        {rows.length === 0 ? (
          <Empty
            title={all.data.length === 0 ? "Nothing is silenced" : "No silence matches"}
            hint={all.data.length === 0 ? "Silences made here, through Alertmanager's API v2 or amtool are listed here." : "Clear the filter to see all."}
            height={160}
          />
        ) : (
          <LongList label="Silences" rows={rows} rowKey={(row) => row.id} className={classes.list} itemClass={() => classes.rule}>
            {(row) => <Row silence={row} alerts={alerts} onDraft={setDraft} onEnded={setEnded} />}
          </LongList>
        )}
      </Panel>
      {draft && (
        <SilenceForm
          of={draft}
          alerts={alerts}
          onClose={() => {
            setDraft(undefined);
            if (fresh !== "") onFresh();
          }}
        />
      )}
    </>
  );
}

/** What a silence is found by. The filter may be of another tab, where labels are written without quotes. */
function wordsOf({ id, matchers, comment, createdBy }: Silence): string {
  return [id, ...matchers.flatMap((one) => [formatMatcher(one), `${one.name}=${one.value}`]), comment, createdBy].join(" ");
}

/** What a silence mutes, as a set of labels: as amtool filters silences. */
function labelsOf({ matchers }: Silence): Readonly<Record<string, string>> {
  return Object.fromEntries(matchers.map(({ name, value }) => [name, value]));
}

function Row({ silence, alerts, onDraft, onEnded }: { silence: Silence; alerts: readonly Firing[]; onDraft: (draft: SilenceDraft) => void; onEnded: (silence: Silence) => void }) {
  const { zone } = useTime();
  const client = useQueryClient();
  const expire = useMutation({
    mutationFn: () => expireSilence(silence.id),
    onSuccess: () => {
      onEnded(silence);
      return Promise.all([client.invalidateQueries({ queryKey: ["silences"] }), client.invalidateQueries({ queryKey: ["notified"] })]);
    },
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
        <bdi>{silence.comment}</bdi> · <bdi>{silence.createdBy}</bdi> · {formatTime(Date.parse(silence.startsAt), zone)} to {formatTime(Date.parse(silence.endsAt), zone)}
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
