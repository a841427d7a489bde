import { Button } from "@mantine/core";
import { useState } from "react";

import type { DraftProblem, ReceiverConfig } from "../../../api/routing";
import { Panel } from "../../../components/Panel";
import { Sure } from "../Sure";
import { ContactPointForm } from "./ContactPointForm";
import { integrationsIn, routesTo } from "./draft";
import { integrationLabel } from "./integrations";
import type { RoutingDraft } from "./useRoutingDraft";
import alertClasses from "../alerts.module.css";
import classes from "../routing.module.css";

/** The contact points of the draft, to be changed. `adding` begins with the form of a new one. */
export function ContactPoints({ of, adding }: { of: RoutingDraft; adding: boolean }) {
  const [open, setOpen] = useState<{ before: ReceiverConfig | undefined } | undefined>(adding ? { before: undefined } : undefined);
  const [refusal, setRefusal] = useState("");
  const { config } = of;
  const remove = (name: string): void => {
    const users = routesTo(config, name);
    setRefusal(users.length === 0 ? "" : `${name} stays: the routes of ${users.join(" and of ")} lead there. Give them another contact point first.`);
    if (users.length === 0) of.edit((before) => ({ ...before, receivers: before.receivers.filter((one) => one.name !== name) }));
  };
  return (
    <Panel
      title="Contact points"
      flush
      actions={
        <Button size="compact-xs" variant="default" onClick={() => setOpen({ before: undefined })}>
          Add contact point
        </Button>
      }
    >
      {refusal !== "" && (
        <div role="alert" className={alertClasses.error}>
          {refusal}
        </div>
      )}
      <ul className={classes.plain} aria-label="Contact points">
        {config.receivers.map((one) => (
          <li key={one.name}>
            <div className={alertClasses.cardHead}>
              <b>{one.name}</b>
              <span className={classes.muted}>{integrationsIn(one).map(({ kind }) => integrationLabel(kind)).join(", ") || "tells nobody"}</span>
              <span className={alertClasses.links}>
                <button type="button" className={alertClasses.textButton} aria-label={`Edit ${one.name}`} onClick={() => setOpen({ before: one })}>
                  Edit
                </button>
                <Sure action="Remove" of={one.name} onSure={() => remove(one.name)} />
              </span>
            </div>
            <Problems of={of.checked?.problems ?? []} path={`receivers/${one.name}/`} />
          </li>
        ))}
      </ul>
      {open && <ContactPointForm config={config} base={of.draft.base} before={open.before} onDone={(next) => of.edit(() => next)} onClose={() => setOpen(undefined)} />}
    </Panel>
  );
}

function Problems({ of, path }: { of: readonly DraftProblem[]; path: string }) {
  return of
    .filter((problem) => problem.path.startsWith(path))
    .map((problem) => (
      <div key={problem.path + problem.message} role="alert" className={alertClasses.error}>
        {problem.message}
      </div>
    ));
}
