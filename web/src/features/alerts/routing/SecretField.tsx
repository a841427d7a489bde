import { PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";

import { isKept, type Setting } from "./integrations";
import alertClasses from "../alerts.module.css";

interface FieldProps {
  of: Setting;
  value: unknown;
  onChange: (value: string) => void;
}

/** A secret: one that is kept is not shown, and stays unless another is written. */
export function SecretField({ of, value, onChange }: FieldProps) {
  const [before] = useState(value);
  const text = typeof value === "string" ? value : "";
  if (isKept(value)) {
    return (
      <TextInput
        label={of.label}
        value="kept"
        readOnly
        rightSectionWidth={72}
        rightSection={
          <button type="button" className={alertClasses.textButton} onClick={() => onChange("")} aria-label={`Replace ${of.label}`}>
            Replace
          </button>
        }
      />
    );
  }
  return (
    <PasswordInput
      label={of.label}
      placeholder={of.placeholder}
      autoComplete="new-password"
      required={of.required ?? false}
      value={text}
      description={
        isKept(before) ? (
          <button type="button" className={alertClasses.textButton} onClick={() => onChange(String(before))}>
            Keep the one there is
          </button>
        ) : (
          of.description
        )
      }
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
