import { Button, Modal, Switch, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { saveSilence, type Matcher } from "../../api/alertmanager";
import { Notice } from "../../components/Notice";
import { useTime } from "../../components/time/TimeContext";
import { boot } from "../../lib/boot";
import { parseDuration } from "../../lib/duration";
import { formatMatcher, matches, parseMatchers } from "../../lib/matchers";
import { resolveInstant } from "../../lib/time";
import { formatTime } from "../../lib/timeFormat";
import type { Firing } from "./firing";
import { useAuthor } from "./useAuthor";
import { FormEnd } from "./FormEnd";
import classes from "./alerts.module.css";

/** Where a silence starts from: matchers of an alert, or a silence to change or to make again. */
export interface SilenceDraft {
  /** Changes this one; absent for a new one. */
  id?: string;
  matchers: readonly Matcher[];
  comment?: string;
  /** RFC 3339; of one that is changed. */
  startsAt?: string;
  endsAt?: string;
}

interface SilenceFormProps {
  of: SilenceDraft;
  /** What fires now, for the preview. */
  alerts: readonly Firing[];
  onClose: () => void;
}

/** Makes or changes a silence. Says which alerts it mutes before it is made. */
export function SilenceForm({ of, alerts, onClose }: SilenceFormProps) {
  const { zone } = useTime();
  const client = useQueryClient();
  const [author, setAuthor] = useAuthor();
  const [rows, setRows] = useState(() => of.matchers.map((matcher) => ({ matcher, on: true })));
  const [more, setMore] = useState("");
  const [ends, setEnds] = useState(of.id && of.endsAt ? formatTime(Date.parse(of.endsAt), zone) : "2h");
  const begun = of.id !== undefined && Date.parse(of.startsAt ?? "") <= Date.now();
  const [begins, setBegins] = useState(of.id && !begun && of.startsAt ? formatTime(Date.parse(of.startsAt), zone) : "now");
  const [comment, setComment] = useState(of.comment ?? "");

  const added = more.trim() === "" ? [] : parseMatchers(more);
  const matchers = [...rows.filter((row) => row.on).map((row) => row.matcher), ...(added ?? [])];
  const now = Date.now();
  const starts = begun ? Date.parse(of.startsAt ?? "") : /^(?:now)?$/i.test(begins.trim()) ? now : resolveInstant(begins, now, zone);
  const later = starts !== undefined && starts > now;
  const end = endOf(ends, later ? starts : now, now, zone);
  const muted = matchers.length === 0 ? [] : alerts.filter((alert) => alert.state === "firing" && matches(matchers, alert.labels));
  const wholly = matchers.every((one) => !one.isRegex && one.isEqual !== false && one.value === "");
  const faults = [
    matchers.length === 0 || wholly ? "Switch on a matcher, or add one." : "",
    added === undefined ? 'Matchers are written as name="value", name=~"pattern".' : "",
    starts === undefined ? "The start is now, now+2h, or a time such as 2026-03-01 22:00." : "",
    end === undefined || end <= now || (later && end <= starts) ? "The end is a duration such as 2h, or a time to come." : "",
    author.trim() === "" ? "Your name is missing." : "",
    comment.trim() === "" ? "A comment is missing." : "",
  ].filter((fault) => fault !== "");

  const save = useMutation({
    mutationFn: () =>
      saveSilence({
        ...(of.id ? { id: of.id } : {}),
        matchers: matchers.map(({ isEqual = true, ...rest }) => ({ ...rest, isEqual })),
        startsAt: new Date(starts ?? now).toISOString(),
        endsAt: new Date(end ?? now).toISOString(),
        createdBy: author.trim(),
        comment: comment.trim(),
      }),
    onSuccess: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: ["silences"] }), client.invalidateQueries({ queryKey: ["notified"] })]);
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (faults.length === 0) save.mutate();
  };

  return (
    <Modal opened onClose={onClose} title={of.id ? "Change silence" : "New silence"} size="lg">
      <form className={classes.form} onSubmit={submit}>
        {rows.length > 0 && (
          <fieldset className={classes.fieldset}>
            <legend>Matchers</legend>
            {rows.map((row, index) => (
              <Switch
                key={formatMatcher(row.matcher)}
                size="xs"
                label={<code>{formatMatcher(row.matcher)}</code>}
                checked={row.on}
                onChange={(event) => setRows(rows.with(index, { ...row, on: event.currentTarget.checked }))}
              />
            ))}
          </fieldset>
        )}
        <TextInput label={rows.length > 0 ? "More matchers" : "Matchers"} placeholder='job=~"shop/.*", severity!="critical"' value={more} onChange={(event) => setMore(event.currentTarget.value)} />
        <div className={classes.quick} role="group" aria-label="How long">
          {["30m", "1h", "2h", "4h", "8h", "1d", "1w"].map((span) => (
            <Button key={span} size="compact-sm" variant={ends === span ? "filled" : "default"} aria-pressed={ends === span} onClick={() => setEnds(span)}>
              {span}
            </Button>
          ))}
        </div>
        <div className={classes.fields}>
          <TextInput
            label="For, or until"
            description={end !== undefined && end > now ? `until ${formatTime(end, zone)}` : "2h, 1d, or 2026-03-01 10:00"}
            value={ends}
            onChange={(event) => setEnds(event.currentTarget.value)}
          />
          {!begun && <TextInput label="From" description={later ? `from ${formatTime(starts, zone)}` : "now, or a time to come"} value={begins} onChange={(event) => setBegins(event.currentTarget.value)} />}
          {boot.user === "" && <TextInput label="Your name" description="Stays in this browser" value={author} onChange={(event) => setAuthor(event.currentTarget.value)} />}
        </div>
        <TextInput label="Comment" data-autofocus value={comment} onChange={(event) => setComment(event.currentTarget.value)} />
        <div role="status" aria-label="Preview">
          <Notice>
            {muted.length === 0 ? "Mutes no alert now" : `${later ? "Would mute" : "Mutes"} ${muted.length} alert${muted.length === 1 ? "" : "s"} ${later ? "that fire now" : "now"}: ${[...new Set(muted.map((one) => one.name))].slice(0, 5).join(", ")}`}
          </Notice>
        </div>
        <FormEnd action={of.id ? "Change" : "Silence"} fault={faults[0] ?? ""} save={save} onClose={onClose} />
      </form>
    </Modal>
  );
}

/** A duration from its start on, or a time, as Unix milliseconds. */
function endOf(text: string, starts: number, now: number, zone: string): number | undefined {
  const duration = parseDuration(text.trim());
  if (duration !== undefined) return starts + duration / 1e6;
  return resolveInstant(text, now, zone, true);
}
