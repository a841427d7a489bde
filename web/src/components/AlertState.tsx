import { StateBadge, type Tone } from "./StateBadge";

const tones: Record<string, Tone> = { pending: "warn", inactive: "ok", unknown: "muted" };

/** The state of an alert or rule; a firing one takes the colour of its severity. */
export function AlertState({ state, severity = "" }: { state: string; severity?: string | undefined }) {
  if (state !== "firing") return <StateBadge tone={tones[state] ?? "muted"}>{state}</StateBadge>;
  const tone = /^(critical|page)$/i.test(severity) ? "critical" : /^warn/i.test(severity) ? "warn" : /^info$/i.test(severity) ? "info" : "error";
  return <StateBadge tone={tone}>firing</StateBadge>;
}
