import { ActionIcon } from "@mantine/core";
import IconMinus from "@tabler/icons-react/dist/esm/icons/IconMinus.mjs";
import IconPlus from "@tabler/icons-react/dist/esm/icons/IconPlus.mjs";
import type { MouseEvent } from "react";

import type { LogLine } from "../../lib/logLines";
import classes from "./LogList.module.css";

/** Narrows the lines to those with a value in a field, or without it. */
export type OnCellFilter = (line: LogLine, name: string, value: string, op: "=" | "!=") => void;

/** The buttons over a cell that filter by its value. */
export function CellFilter({ line, name, value, onFilter }: { line: LogLine; name: string; value: string; onFilter: OnCellFilter }) {
  const press = (op: "=" | "!=") => (event: MouseEvent) => {
    // The row beneath would open.
    event.stopPropagation();
    onFilter(line, name, value, op);
  };
  return (
    <span className={classes.cellFilter}>
      <ActionIcon size="xs" variant="default" tabIndex={-1} aria-label={`Only ${name} = ${value}`} title="Only these (+)" data-filter="in" onClick={press("=")}>
        <IconPlus size={12} />
      </ActionIcon>
      <ActionIcon size="xs" variant="default" tabIndex={-1} aria-label={`Without ${name} = ${value}`} title="Without these (-)" data-filter="out" onClick={press("!=")}>
        <IconMinus size={12} />
      </ActionIcon>
    </span>
  );
}
