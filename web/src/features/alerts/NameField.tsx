import { TextInput } from "@mantine/core";

import { boot } from "../../lib/boot";

/** Asks for the name that what is done here bears, unless that is known: the server signs it for who is signed in. */
export function NameField({ value, onChange }: { value: string; onChange: (name: string) => void }) {
  if (boot.user !== "") return null;
  return <TextInput size="xs" w={120} aria-label="Your name" placeholder="Your name" autoComplete="username" value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
}
