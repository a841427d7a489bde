import { Switch, TextInput } from "@mantine/core";

import { integrationLabel, integrations, type Setting } from "./integrations";
import { SecretField } from "./SecretField";
import { Sure } from "../Sure";
import alertClasses from "../alerts.module.css";

export type Settings = Record<string, unknown>;

interface IntegrationFieldsProps {
  kind: string;
  settings: Settings;
  onChange: (settings: Settings) => void;
  onRemove: () => void;
}

/** One way in which a contact point is told. */
export function IntegrationFields({ kind, settings, onChange, onRemove }: IntegrationFieldsProps) {
  const known = integrations[kind];
  const put = (key: string, value: unknown): void => {
    const { [key]: _before, ...rest } = settings;
    onChange(value === "" || value === undefined ? rest : { ...rest, [key]: value });
  };
  return (
    <fieldset className={alertClasses.fieldset}>
      <legend>
        {integrationLabel(kind)} <Sure action="Remove" of={integrationLabel(kind)} onSure={onRemove} />
      </legend>
      {known ? (
        <>
          <div className={alertClasses.fields}>
            {known.settings.map((one) => (
              <Field key={one.key} of={one} value={settings[one.key]} onChange={(value) => put(one.key, value)} />
            ))}
          </div>
          <Switch
            size="xs"
            label="Send resolved alerts"
            checked={typeof settings["send_resolved"] === "boolean" ? settings["send_resolved"] : known.resolved}
            onChange={(event) => put("send_resolved", event.currentTarget.checked === known.resolved ? undefined : event.currentTarget.checked)}
          />
        </>
      ) : (
        <span className={alertClasses.muted}>There is no form for this one: it is changed as YAML.</span>
      )}
    </fieldset>
  );
}

function Field({ of, value, onChange }: { of: Setting; value: unknown; onChange: (value: unknown) => void }) {
  if (of.secret) return <SecretField of={of} value={value} onChange={onChange} />;
  if (of.kind === "switch") return <Switch size="xs" label={of.label} checked={value !== false} onChange={(event) => onChange(event.currentTarget.checked ? undefined : false)} />;
  const number = (text: string): unknown => (/^-?\d+$/.test(text.trim()) ? Number(text) : text);
  return (
    <TextInput
      label={of.label}
      placeholder={of.placeholder}
      description={of.description}
      required={of.required ?? false}
      value={typeof value === "string" || typeof value === "number" ? String(value) : ""}
      onChange={(event) => onChange(of.kind === "number" ? number(event.currentTarget.value) : event.currentTarget.value)}
    />
  );
}
