import { ActionIcon } from "@mantine/core";
import IconChevronLeft from "@tabler/icons-react/dist/esm/icons/IconChevronLeft.mjs";
import IconChevronRight from "@tabler/icons-react/dist/esm/icons/IconChevronRight.mjs";

import { group } from "../../lib/units";
import classes from "./table.module.css";

interface PagerProps {
  /** From 0. */
  page: number;
  pages: number;
  /** Rows of a page, and of all. */
  size: number;
  rows: number;
  onPage(page: number): void;
}

/** Which rows of a table are shown, and the way to others. */
export function Pager({ page, pages, size, rows, onPage }: PagerProps) {
  const first = rows === 0 ? 0 : page * size + 1;
  return (
    <nav className={classes.pager} aria-label="Pages">
      <ActionIcon size="sm" aria-label="Previous page" disabled={page === 0} onClick={() => onPage(page - 1)}>
        <IconChevronLeft size={14} />
      </ActionIcon>
      <span>
        {group(first)}–{group(Math.min(first + size - 1, rows))} of {group(rows)}
      </span>
      <ActionIcon size="sm" aria-label="Next page" disabled={page >= pages - 1} onClick={() => onPage(page + 1)}>
        <IconChevronRight size={14} />
      </ActionIcon>
    </nav>
  );
}
