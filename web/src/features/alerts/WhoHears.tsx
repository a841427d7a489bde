import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { whoHears, type Hit } from "../../api/alertdesk";
import type { Draft } from "../../api/routing";
import { parseLabels } from "../../lib/matchers";
import alertClasses from "./alerts.module.css";
import classes from "./routing.module.css";

interface WhoHearsProps {
  onHits: (hits: readonly Hit[]) => void;
  /** To go by instead of what is in force. */
  draft?: Draft;
}

/** Asks which routes take an alert with the labels that are typed. */
export function WhoHears({ onHits, draft }: WhoHearsProps) {
  const [text, setText] = useState("");
  const labels = parseLabels(text);
  const ask = useMutation({ mutationFn: (of: Readonly<Record<string, string>>) => whoHears(of, draft), onSuccess: onHits });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (labels) ask.mutate(labels);
  };
  return (
    <form onSubmit={submit}>
      <div className={classes.ask}>
        <TextInput
          className={classes.labels}
          aria-label="Labels"
          placeholder="alertname=HighErrorRatio, severity=critical, job=shop/payment"
          error={labels === undefined ? "Labels are written as name=value, name=value." : undefined}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={!labels} loading={ask.isPending}>
          Test
        </Button>
      </div>
      {ask.isError && (
        <div role="alert" className={alertClasses.error}>
          {ask.error.message}
        </div>
      )}
      {ask.data && (
        <ol className={classes.hits} aria-label="Receivers of these labels">
          {ask.data.map((hit) => (
            <li key={hit.routeID}>
              <b>{hit.receiver}</b> <span className={classes.muted}>by way of</span> <code>{hit.path.map((step) => (step === "{}" ? "all" : step)).join(" → ")}</code>
              <span className={classes.muted}>
                {" "}
                grouped by {Object.entries(hit.groupLabels).map(([name, value]) => `${name}=${value}`).join(", ") || "nothing"}; waits {hit.groupWait}, repeats {hit.repeatInterval}
              </span>
            </li>
          ))}
        </ol>
      )}
    </form>
  );
}
