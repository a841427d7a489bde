import { TextInput } from "@mantine/core";
import { useState } from "react";

/** A variable that is typed. It holds on Enter, or when the field is left. */
export function TextControl({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const [draft, setDraft] = useState({ of: value, text: value });
  // A value from elsewhere (Back, a link) wins over what was being typed.
  const text = draft.of === value ? draft.text : value;
  const apply = (): void => {
    if (text !== value) onChange(text);
  };
  return (
    <TextInput
      aria-label={label}
      value={text}
      w={160}
      onChange={(event) => setDraft({ of: value, text: event.currentTarget.value })}
      onBlur={apply}
      onKeyDown={(event) => {
        if (event.key === "Enter") apply();
        if (event.key === "Escape") setDraft({ of: value, text: value });
      }}
    />
  );
}
