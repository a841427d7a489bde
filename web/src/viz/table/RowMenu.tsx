import { Menu } from "@mantine/core";
import type { ReactNode } from "react";

import { CorrelateMenu } from "../../components/correlate/CorrelateMenu";
import type { Subject } from "../../lib/correlate/targets";
import type { FieldLink } from "../../lib/dashboard/displayLinks";
import { LinkItem } from "../FieldLinks";
import type { RowLabel } from "./rowSubject";
import classes from "./table.module.css";

interface RowMenuProps {
  /** What the button's row is called. */
  name: string;
  subject: () => Subject;
  /** The panel's own ways from the row, which go first; read when the menu is open, as the labels are. */
  links: () => readonly FieldLink[];
  labels: () => readonly RowLabel[];
  /** Narrows what is shown to rows with a label's value, or to those without it. */
  onFilter: (label: RowLabel, op: "=" | "!=") => void;
  /** What that narrows, as a person would call it. */
  filters: string;
  children: ReactNode;
}

// More are not read; they can be found by the columns' own filters.
const mostLabels = 4;

/** A cell's text, and beside it the ways to whatever else tells of its row. */
export function RowMenu({ name, subject, links, labels, onFilter, filters, children }: RowMenuProps) {
  return (
    <span className={classes.named}>
      <span className={classes.namedText}>{children}</span>
      <CorrelateMenu label={`More about ${name}`} subject={subject} before={<Links links={links} />}>
        <Menu.Label>{filters}</Menu.Label>
        <Filters labels={labels} onFilter={onFilter} />
      </CorrelateMenu>
    </span>
  );
}

function Links({ links }: Pick<RowMenuProps, "links">) {
  const all = new Map(links().map((link) => [`${link.title} ${link.href}`, link]));
  if (all.size === 0) return null;
  return (
    <>
      <Menu.Label>Links of the panel</Menu.Label>
      {[...all].map(([key, link]) => (
        <LinkItem key={key} link={link} />
      ))}
    </>
  );
}

function Filters({ labels, onFilter }: Pick<RowMenuProps, "labels" | "onFilter">) {
  return labels()
    .slice(0, mostLabels)
    .flatMap((label) => [
      <Menu.Item key={`= ${label.name}`} onClick={() => onFilter(label, "=")}>
        Only {label.name} = {label.value}
      </Menu.Item>,
      <Menu.Item key={`!= ${label.name}`} onClick={() => onFilter(label, "!=")}>
        Without {label.name} = {label.value}
      </Menu.Item>,
    ]);
}
