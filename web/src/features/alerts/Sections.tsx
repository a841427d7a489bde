import type { ReactNode } from "react";

import { few, LongList } from "../../components/LongList";
import { Panel } from "../../components/Panel";
import classes from "./alerts.module.css";

/** Rows under a heading. */
export interface Section<Row> {
  key: string;
  title: string;
  /** Beside the heading. */
  note: ReactNode;
  /** The accessible name of the list of its rows. */
  label: string;
  rows: readonly Row[];
}

interface SectionsProps<Row> {
  /** The accessible name of all. */
  label: string;
  sections: readonly Section<Row>[];
  rowKey: (row: Row) => string;
  children: (row: Row) => ReactNode;
  /** Key of the row that the keyboard came to. */
  active?: string | undefined;
}

/** Lists, each in a box of its own; or, of thousands of rows, one list with headings in it. */
export function Sections<Row>({ label, sections, rowKey, children, active }: SectionsProps<Row>) {
  if (sections.reduce((sum, one) => sum + one.rows.length, 0) <= few) {
    return sections.map(({ key, title, note, label: name, rows }) => (
      <Panel key={key} title={title} flush actions={note}>
        <LongList label={name} rows={rows} rowKey={rowKey} className={classes.list} itemClass={() => classes.rule} active={active}>
          {children}
        </LongList>
      </Panel>
    ));
  }
  const all = sections.flatMap((section) => [{ section }, ...section.rows.map((row) => ({ row }))]);
  return (
    <Panel title={label} flush>
      <LongList
        label={label}
        rows={all}
        rowKey={(one) => ("row" in one ? rowKey(one.row) : `heading ${one.section.key}`)}
        className={classes.list}
        itemClass={(one) => ("row" in one ? classes.rule : classes.section)}
        active={active}
      >
        {(one) =>
          "row" in one ? (
            children(one.row)
          ) : (
            <>
              <h3 className={classes.sectionTitle}>{one.section.title}</h3>
              {one.section.note}
            </>
          )
        }
      </LongList>
    </Panel>
  );
}
