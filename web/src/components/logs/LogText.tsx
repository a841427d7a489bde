import { memo, type ReactNode } from "react";

import { parseAnsi, showControls, type AnsiSegment } from "../../lib/ansi";
import classes from "./LogText.module.css";

// Longer lines are cut in the list; the detail shows them whole.
const MAX_CHARACTERS = 4000;

interface LogTextProps {
  text: string;
  /** Global expressions whose matches are marked. */
  terms: readonly RegExp[];
  /** Only the first line, with the number of further ones. */
  single?: boolean;
}

/** A line's text with its ANSI colours, search terms marked and control characters made visible. */
export const LogText = memo(function LogText({ text, terms, single = false }: LogTextProps) {
  const [first, more] = single ? firstLine(text) : [text, 0];
  const shown = single && first.length > MAX_CHARACTERS ? `${first.slice(0, MAX_CHARACTERS)}…` : first;
  return (
    <>
      {parseAnsi(shown).map((segment, index) => (
        // The segments of one text never change places.
        // oxlint-disable-next-line react/no-array-index-key
        <Segment key={index} segment={segment} terms={terms} />
      ))}
      {more > 0 && <span className={classes.more}>+{more}</span>}
    </>
  );
});

function Segment({ segment, terms }: { segment: AnsiSegment; terms: readonly RegExp[] }) {
  const { text, colour, bold, dim, italic, underline } = segment;
  const content = mark(showControls(text), terms);
  if (!colour && !bold && !dim && !italic && !underline) return content;
  return (
    <span className={classes.styled} data-colour={colour} data-bold={bold} data-dim={dim} data-italic={italic} data-underline={underline}>
      {content}
    </span>
  );
}

function mark(text: string, terms: readonly RegExp[]): ReactNode {
  const ranges = terms
    .flatMap((term) => Array.from(text.matchAll(term), (match) => [match.index, match.index + match[0].length] as const))
    .filter(([from, to]) => to > from)
    .toSorted((a, b) => a[0] - b[0]);
  if (ranges.length === 0) return text;
  const parts: ReactNode[] = [];
  let cursor = 0;
  for (const [from, to] of ranges) {
    if (to <= cursor) continue;
    const begin = Math.max(from, cursor);
    if (begin > cursor) parts.push(text.slice(cursor, begin));
    parts.push(
      <mark key={begin} className={classes.term}>
        {text.slice(begin, to)}
      </mark>,
    );
    cursor = to;
  }
  parts.push(text.slice(cursor));
  return parts;
}

function firstLine(text: string): [string, number] {
  const trimmed = text.trimEnd();
  const end = trimmed.indexOf("\n");
  if (end < 0) return [trimmed, 0];
  return [trimmed.slice(0, end), trimmed.slice(end).split("\n").length - 1];
}
