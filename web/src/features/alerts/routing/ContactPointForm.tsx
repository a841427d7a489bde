import { Button, Modal, Select, Switch, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { testDraft, type ReceiverConfig, type RoutingConfig } from "../../../api/routing";
import { FormEnd } from "../FormEnd";
import { integrationsIn, tellsAnybody, withReceiver } from "./draft";
import { IntegrationFields } from "./IntegrationFields";
import { integrations } from "./integrations";
import { TestResults } from "./TestResults";
import alertClasses from "../alerts.module.css";

interface ContactPointFormProps {
  config: RoutingConfig;
  base: number;
  /** The one to change; undefined for a new one. */
  before: ReceiverConfig | undefined;
  onDone: (config: RoutingConfig) => void;
  onClose: () => void;
}

const idle = { isPending: false, error: null };

/** Makes a contact point or changes one, in the draft. It can be tried before it is kept. */
export function ContactPointForm({ config, base, before, onDone, onClose }: ContactPointFormProps) {
  const [name, setName] = useState(before?.name ?? "");
  const [parts, setParts] = useState(() => (before ? integrationsIn(before) : [{ kind: "webhook", index: 0, settings: {} }]));
  // Without anybody who is told, the first is told of everything.
  const first = before === undefined && !tellsAnybody(config);
  const [root, setRoot] = useState(first);

  const receiver = receiverOf(before, name.trim(), parts);
  const next = (): RoutingConfig => {
    const made = withReceiver(config, before?.name, receiver);
    return root && before === undefined ? { ...made, route: { ...made.route, receiver: receiver.name } } : made;
  };
  const test = useMutation({ mutationFn: () => testDraft({ base, config: next() }, receiver.name) });
  const fault = faultOf(config, before, receiver.name, parts);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (fault !== "") return;
    onDone(next());
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={before ? `Change ${before.name}` : "New contact point"} size="lg" closeOnEscape={false} closeOnClickOutside={false}>
      <form className={alertClasses.form} onSubmit={submit}>
        <TextInput label="Name" data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
        {parts.map(({ kind, index, settings }, at) => (
          <IntegrationFields
            key={`${kind}/${index}`}
            kind={kind}
            settings={settings}
            onChange={(changed) => setParts(parts.with(at, { kind, index, settings: changed }))}
            onRemove={() => setParts(parts.toSpliced(at, 1))}
          />
        ))}
        <Select
          label="Add integration"
          placeholder="Choose one"
          data={Object.entries(integrations).map(([value, { label }]) => ({ value, label }))}
          value={null}
          onChange={(kind) => kind && setParts([...parts, { kind, index: 1 + Math.max(-1, ...parts.map((one) => one.index)), settings: {} }])}
        />
        {before === undefined && <Switch size="xs" label="Default: gets the alerts that no other route takes" checked={root} onChange={(event) => setRoot(event.currentTarget.checked)} />}
        <div className={alertClasses.actions}>
          <Button size="compact-sm" variant="default" disabled={fault !== ""} loading={test.isPending} onClick={() => test.mutate()}>
            Send test
          </Button>
        </div>
        <TestResults of={receiver.name} results={test.data} error={test.error} />
        <FormEnd action={before ? "Change" : "Add"} fault={fault} save={idle} onClose={onClose} />
      </form>
    </Modal>
  );
}

type Part = ReturnType<typeof integrationsIn>[number];

/** The contact point with its integrations as the form has them, and whatever else it had. */
function receiverOf(before: ReceiverConfig | undefined, name: string, parts: readonly Part[]): ReceiverConfig {
  const rest = Object.fromEntries(Object.entries(before ?? {}).filter(([key]) => !key.endsWith("_configs")));
  const lists: Record<string, unknown[]> = {};
  for (const { kind, settings } of parts) (lists[`${kind}_configs`] ??= []).push(settings);
  return { ...rest, name, ...lists };
}

function faultOf(config: RoutingConfig, before: ReceiverConfig | undefined, name: string, parts: readonly Part[]): string {
  if (name === "") return "The contact point has no name.";
  if (name !== before?.name && config.receivers.some((one) => one.name === name)) return `There is a contact point ${name} already.`;
  for (const { kind, settings } of parts) {
    const missing = integrations[kind]?.settings.find((one) => one.required && (settings[one.key] === undefined || settings[one.key] === ""));
    if (missing) return `${integrations[kind]?.label ?? kind}: ${missing.label} is missing.`;
  }
  return "";
}
