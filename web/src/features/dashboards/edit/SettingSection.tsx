import type { ReactNode } from "react";

import { getIn } from "../../../lib/dashboard/edit";
import type { Obj } from "../../../lib/dashboard/json";
import type { Put } from "./OptionList";
import classes from "./panelEditor.module.css";

interface SettingSectionProps {
  title: string;
  /** Other words that find it. */
  words: string;
  find: string;
  panel: Obj;
  /** The member of the panel that it is about. */
  path: readonly string[];
  put: Put;
  children: ReactNode;
}

/** Settings that are one member of the panel, found by a word; what is set can be taken away again. */
export function SettingSection({ title, words, find, panel, path, put, children }: SettingSectionProps) {
  const text = `${title} ${words}`.toLowerCase();
  const sought = find.toLowerCase().split(/\s+/).filter(Boolean);
  if (!sought.every((word) => text.includes(word))) return null;
  const value = getIn(panel, path);
  const modified = value !== undefined && !(Array.isArray(value) && value.length === 0);
  return (
    <fieldset className={classes.section} data-modified={modified || undefined}>
      <legend>
        {title}
        {modified && (
          <button type="button" className={classes.reset} title="Take it away" aria-label={`Reset ${title}`} onClick={() => put(path, undefined)}>
            ↺
          </button>
        )}
      </legend>
      {children}
    </fieldset>
  );
}
