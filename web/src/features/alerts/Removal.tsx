import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";

import { deleteGroup, saveGroup, type OwnGroup, type Rule, type RuleGroup } from "../../api/rules";
import { announce } from "../../components/announce";
import { counted } from "../../lib/units";
import { keptKeys, wholeText } from "./ruleDraft";
import { Sure } from "./Sure";
import classes from "./alerts.module.css";

interface OwnedGroup {
  own: OwnGroup;
  group: RuleGroup;
}

/** Deletes a rule: a second click does; one that fires is to be named, for its alerts end with it. */
export function RemoveRule({ own, group, index, rule }: OwnedGroup & { index: number; rule: Rule }) {
  const [asks, setAsks] = useState(false);
  const rest = wholeText(group, (at) => at !== index);
  const remove = useRemoval({ own, group }, rule.name, () => (rest.rules.length > 0 ? saveWhole(own, rest) : deleteGroup(own, group.name)));
  return (
    <>
      {firingOf([rule]) > 0 ? <Ask of={rule.name} onAsk={() => setAsks(true)} /> : <Sure action="Delete" of={rule.name} disabled={remove.isPending} onSure={() => remove.mutate()} />}
      {asks && (
        <Named what="rule" name={rule.name} remove={remove} onClose={() => setAsks(false)}>
          <p>{ends(firingOf([rule]))}</p>
          <p>Their history and all silences stay. Made again, the rule begins anew.</p>
        </Named>
      )}
      {!asks && <Failed remove={remove} />}
    </>
  );
}

/** Deletes a group with all its rules, once its name was typed. */
export function RemoveGroup({ own, group }: OwnedGroup) {
  const [asks, setAsks] = useState(false);
  const remove = useRemoval({ own, group }, group.name, () => deleteGroup(own, group.name));
  const recording = group.rules.filter(({ type }) => type === "recording").length;
  const firing = firingOf(group.rules);
  return (
    <>
      <Ask of={`the group ${group.name}`} onAsk={() => setAsks(true)} />
      {asks && (
        <Named what="group" name={group.name} remove={remove} onClose={() => setAsks(false)}>
          <p>
            It goes with {counted(group.rules.length - recording, "alerting rule")} and {counted(recording, "recording rule")}. {firing > 0 && ends(firing)}
          </p>
          <p>The history of its alerts, all silences and what was recorded stay; nothing more is recorded.</p>
        </Named>
      )}
    </>
  );
}

function firingOf(rules: readonly Rule[]): number {
  return rules.reduce((sum, rule) => sum + (rule.type === "alerting" ? rule.alerts.filter(({ state }) => state === "firing").length : 0), 0);
}

function ends(firing: number): string {
  return `${counted(firing, "alert")} that ${firing === 1 ? "fires" : "fire"} now will be over, and who was told of ${firing === 1 ? "it" : "them"} is told that.`;
}

async function saveWhole(own: OwnGroup, text: ReturnType<typeof wholeText>): Promise<void> {
  await saveGroup(own, { ...(await keptKeys(own, text.name)), ...text });
}

/** Removes, says so, and brings the group back as it was if that was a mistake. */
function useRemoval({ own, group }: OwnedGroup, name: string, remove: () => Promise<void>) {
  const client = useQueryClient();
  const settle = (): Promise<void> => client.invalidateQueries({ queryKey: ["rules"] });
  return useMutation({
    mutationFn: async () => {
      const before = { ...(await keptKeys(own, group.name)), ...wholeText(group) };
      await remove();
      return before;
    },
    onSuccess: (before) => {
      announce(`${name} is deleted.`, () => void saveGroup(own, before).then(settle, (error: Error) => announce(`${name} is not back: ${error.message}`)));
      return settle();
    },
  });
}

type Removing = Pick<UseMutationResult<unknown, Error, void>, "mutate" | "isPending" | "error">;

function Ask({ of, onAsk }: { of: string; onAsk: () => void }) {
  return (
    <button type="button" className={classes.textButton} aria-label={`Delete ${of}`} onClick={onAsk}>
      Delete…
    </button>
  );
}

function Failed({ remove }: { remove: Removing }) {
  return (
    remove.error && (
      <span role="alert" className={classes.error}>
        {remove.error.message}
      </span>
    )
  );
}

interface NamedProps {
  what: "rule" | "group";
  name: string;
  remove: Removing;
  onClose: () => void;
  /** What goes with it, and what stays. */
  children: ReactNode;
}

function Named({ what, name, remove, onClose, children }: NamedProps) {
  const [typed, setTyped] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (typed.trim() === name) remove.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={`Delete the ${what} ${name}`}>
      <form className={classes.form} onSubmit={submit}>
        {children}
        <TextInput label={`To go on, type ${name}`} autoComplete="off" data-autofocus value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        <Failed remove={remove} />
        <div className={classes.formEnd}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="error" disabled={typed.trim() !== name} loading={remove.isPending}>
            Delete the {what}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
