import { useState } from "react";

import { formatValue } from "../lib/units";
import classes from "./LongText.module.css";

// As much as is read at a glance; a little more is not worth a button.
const most = { characters: 600, lines: 6 };

/** A text whose end is hidden where it is long, until somebody wants all of it. */
export function LongText({ text }: { text: string }) {
  const [all, setAll] = useState(false);
  const head = headOf(text);
  if (head.length === text.length) return text;
  return (
    <>
      {all ? text : `${head}…`}
      <button type="button" className={classes.more} aria-expanded={all} onClick={() => setAll(!all)}>
        {all ? "Show less" : `Show all ${formatValue(new Blob([text]).size, "decbytes")}`}
      </button>
    </>
  );
}

/** The part of a text that is shown at first. An emoji is not cut in two. */
function headOf(text: string): string {
  if (text.length <= most.characters * 1.2 && text.split("\n", most.lines + 2).length <= most.lines + 1) return text;
  const head = text.split("\n", most.lines).join("\n").slice(0, most.characters);
  return /[\uD800-\uDBFF]$/.test(head) ? head.slice(0, -1) : head;
}
