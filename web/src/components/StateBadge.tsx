import classes from "./StateBadge.module.css";

/** Meaning of a state, which picks its colour and its mark. */
export type Tone = "ok" | "info" | "warn" | "error" | "critical" | "muted";

const marks: Record<Tone, string> = { ok: "✓", info: "i", warn: "!", error: "●", critical: "▲", muted: "–" };

/** A state as a word with a mark, never by colour alone. */
export function StateBadge({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className={classes.badge} data-tone={tone}>
      <span aria-hidden="true">{marks[tone]}</span>
      {children}
    </span>
  );
}
