import { TextInput } from "@mantine/core";

/** Asks for the name that what is done here bears. */
export function NameField({ value, onChange }: { value: string; onChange: (name: string) => void }) {
  return <TextInput size="xs" w={120} aria-label="Your name" placeholder="Your name" autoComplete="username" value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
}
