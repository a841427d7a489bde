import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { ApiError } from "../../../api/client";
import { saveDraft, type Checked } from "../../../api/routing";
import { announce } from "../../../components/announce";
import { Notice } from "../../../components/Notice";
import { counted } from "../../../lib/units";
import { Sure } from "../Sure";
import type { RoutingDraft } from "./useRoutingDraft";
import alertClasses from "../alerts.module.css";

/** What a draft would do, what is wrong with it, and the ways out of it. */
export function SaveBar({ of, onClose }: { of: RoutingDraft; onClose: () => void }) {
  const client = useQueryClient();
  const [message, setMessage] = useState("");
  const save = useMutation({
    mutationFn: () => saveDraft(of.draft, message),
    onSuccess: async (kept) => {
      of.discard();
      await client.invalidateQueries({ queryKey: ["routing"] });
      announce(`The routing is in force, as version ${kept.version}.`);
      onClose();
    },
  });
  const late = save.error instanceof ApiError && save.error.status === 412;
  const { checked } = of;
  const problems = checked?.problems ?? [];
  return (
    <section aria-label="Unsaved changes" className={alertClasses.form}>
      {of.checkError && (
        <div role="alert" className={alertClasses.error}>
          {of.checkError.message}
        </div>
      )}
      {problems.length > 0 && (
        <ul role="alert" className={alertClasses.error} aria-label="Problems">
          {problems.map(({ line, path, message: text }) => (
            <li key={`${line}${path}${text}`}>
              {line > 0 && `Line ${line}: `}
              {text}
            </li>
          ))}
        </ul>
      )}
      {checked && problems.length === 0 && <Notice>{words(checked)}</Notice>}
      {save.isError && (
        <div role="alert" className={alertClasses.error}>
          {late ? `${save.error.message}. Discard these changes to see what is there now.` : save.error.message}
        </div>
      )}
      <div className={alertClasses.formEnd}>
        {of.changed ? <TextInput size="xs" aria-label="Why" placeholder="Why (optional)" value={message} onChange={(event) => setMessage(event.currentTarget.value)} /> : <span className={alertClasses.muted}>Nothing is changed.</span>}
        {of.changed ? (
          <Sure
            action="Discard changes"
            of="of the routing"
            onSure={() => {
              of.discard();
              void client.invalidateQueries({ queryKey: ["routing"] });
              onClose();
            }}
          />
        ) : (
          <Button variant="default" size="compact-sm" onClick={onClose}>
            Done
          </Button>
        )}
        <Button size="compact-sm" disabled={!of.changed || of.checking || problems.length > 0 || of.checkError !== null} loading={save.isPending} onClick={() => save.mutate()}>
          Save
        </Button>
      </div>
    </section>
  );
}

const sections: Readonly<Record<string, string>> = { receivers: "contact point", route: "routes", time_intervals: "times", mute_time_intervals: "times", inhibit_rules: "inhibitions", global: "global settings" };

function words({ changes, moved }: Checked): string {
  const said = changes.map(({ section, name, how }) => `${[sections[section] ?? section, name].filter((part) => part !== "").join(" ")} ${how}`);
  const whom = (names: readonly string[]) => names.join(" and ");
  const first = moved[0];
  const told = first ? ` ${counted(moved.length, "alert that fires", "alerts that fire")} would go elsewhere: ${first.labels["alertname"] ?? "one"} to ${whom(first.to)} instead of ${whom(first.from)}.` : " All alerts that fire go where they went.";
  return said.length === 0 ? "Nothing would change." : `Saving changes: ${said.join(", ")}.${told}`;
}
