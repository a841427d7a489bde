import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMemo } from "react";

import type { Labels } from "../../lib/labels";
import { Backtest } from "./Backtest";
import { annotationsOf, type RuleDraft } from "./ruleDraft";
import { TextPreview } from "./TextPreview";
import classes from "./alerts.module.css";

/** What an alerting rule has and a recording rule has not: how long it holds, and what people are told. */
export function AlertFields({ draft, put }: { draft: RuleDraft; put: (patch: Partial<RuleDraft>) => void }) {
  return (
    <>
      <div className={classes.fields}>
        <TextInput label="For" description="How long it holds before it fires" value={draft.for} onChange={(event) => put({ for: event.currentTarget.value })} />
        <TextInput label="Keep firing for" description="After it no longer holds" value={draft.keepFiringFor} onChange={(event) => put({ keepFiringFor: event.currentTarget.value })} />
      </div>
      <TextInput label="Summary" placeholder="{{ $labels.job }} fails {{ $value | humanizePercentage }} of its requests" value={draft.summary} onChange={(event) => put({ summary: event.currentTarget.value })} />
      <TextInput label="Description" value={draft.description} onChange={(event) => put({ description: event.currentTarget.value })} />
      <TextInput label="Runbook" placeholder="https://" value={draft.runbook} onChange={(event) => put({ runbook: event.currentTarget.value })} />
    </>
  );
}

/** What an alerting rule would have told and done; `shown` is the expression that was last asked for a preview. */
export function AlertPreview({ draft, shown, labels }: { draft: RuleDraft; shown: string; labels: Labels | undefined }) {
  const [texts] = useDebouncedValue(
    useMemo(() => annotationsOf(draft), [draft]),
    400,
  );
  return (
    <>
      {shown !== "" && Object.keys(texts).length > 0 && labels && <TextPreview expr={shown} signal={draft.signal} labels={labels} annotations={texts} />}
      <Backtest of={{ expr: draft.expr.trim(), for: draft.for || "0s", keep_firing_for: draft.keepFiringFor || "0s", labels: labels ?? {}, signal: draft.signal }} />
    </>
  );
}
