import { Select } from "@mantine/core";
import { useMemo, useState } from "react";

import { sortRows, Table, type TableColumn } from "../../components/Table";
import { displayer, fieldRange, type Displayer, type FieldRange, type Look } from "../../lib/dashboard/display";
import { fieldLinks, type FieldLink } from "../../lib/dashboard/displayLinks";
import { fieldName } from "../../lib/dashboard/fieldname";
import type { Cell, Field, Frame } from "../../lib/dashboard/frame";
import { bool, num, obj, objs, str, strs } from "../../lib/dashboard/json";
import { calcUnit, reduceValues } from "../../lib/dashboard/reduce";
import { trendOf, trendValue } from "../../lib/dashboard/transformSeries";
import { joinValue } from "../../lib/units";
import { useLook } from "../look";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import { cellLook, isShown, type CellLook } from "./cells";
import { ColumnFilter } from "./ColumnFilter";
import { Pager } from "./Pager";
import { RowMenu } from "./RowMenu";
import { labelsOf, namingColumn, rowSubject, type RowLabel } from "./rowSubject";
import { cellBackground, TableCell } from "./TableCell";
import classes from "./table.module.css";

/** A column ready to be drawn. */
interface Column {
  field: Field;
  name: string;
  look: CellLook;
  show: Displayer;
  range: FieldRange;
  /** Text of each row's cell, as it is filtered by. */
  text: (row: number) => string;
}

const rowHeights: Record<string, number> = { sm: 28, md: 36, lg: 48 };
const headHeight = 28;
const pagerHeight = 28;

/** Frames as a table: columns that sort and filter, cells with colours, bars and courses. */
export function TablePanel({ title, frames, options, timeZone, height, interpolate, onFilter }: PanelProps) {
  const look = useLook(timeZone);
  const [chosen, setChosen] = useState<number | undefined>();
  const [filters, setFilters] = useState<ReadonlyMap<string, ReadonlySet<string>>>(new Map());
  const [page, setPage] = useState(0);
  const [sort, setSort] = useState<string | undefined>();
  const filled = frames.filter((frame) => frame.fields.length > 0);
  const index = Math.min(chosen ?? num(options.frameIndex) ?? 0, filled.length - 1);
  const frame = filled[index];
  const columns = useMemo(() => (frame ? columnsOf(frame, frames, look) : []), [frame, frames, look]);
  const rows = useMemo(() => filterRows(frame, columns, filters), [frame, columns, filters]);
  if (!frame || columns.length === 0) return <NoData />;

  const footer = obj(options.footer);
  const paged = bool(footer.enablePagination) || bool(options.enablePagination);
  const rowHeight = rowHeights[str(options.cellHeight, "sm")] ?? 28;
  const head = options.showHeader !== false;
  const several = filled.length > 1;
  const room = Math.max(height - (several ? 32 : 0), rowHeight * 2);
  const perPage = Math.max(1, Math.floor((room - (head ? headHeight : 0) - pagerHeight - (footer.show === true ? 28 : 0)) / rowHeight));
  const pages = paged ? Math.max(1, Math.ceil(rows.length / perPage)) : 1;
  const at = Math.min(page, pages - 1);
  const [first] = objs(options.sortBy);
  const sortKey = columns.find((column) => column.name === str(first?.displayName))?.name;
  const order = sort ?? (sortKey === undefined ? "" : `${bool(first?.desc) ? "-" : ""}${sortKey}`);

  const setFilter = (name: string, values: ReadonlySet<string> | undefined): void => {
    const next = new Map(filters);
    if (values) next.set(name, values);
    else next.delete(name);
    setFilters(next);
    setPage(0);
  };
  const filterRow = (row: number, { name, value }: RowLabel, op: "=" | "!="): void => {
    if (onFilter) return onFilter(name, op, value);
    const column = columns.find(({ field }) => field.name === name);
    if (!column) return;
    const text = column.text(row);
    const kept = filters.get(column.name) ?? new Set(allTexts(column));
    setFilter(column.name, new Set(op === "=" ? [text] : [...kept].filter((one) => one !== text)));
  };
  const naming = namingColumn(columns.map(({ field }) => field));
  const linksOf = (field: Field, row: number): FieldLink[] => fieldLinks({ field, frame, frames, row }, look, interpolate);
  const tableColumns = columns.map((column): TableColumn<number> => {
    const background = columns.find((one) => one.look.kind === "color-background" && one.look.wholeRow) ?? column;
    return {
      key: column.name,
      header: column.name,
      ...((column.look.filterable || filters.has(column.name)) && {
        tool: <ColumnFilter name={column.name} texts={allTexts(column)} chosen={filters.get(column.name)} onChoose={(values) => setFilter(column.name, values)} />,
      }),
      align: column.look.align,
      width: column.look.width === undefined ? `minmax(${Math.max(column.look.minWidth, column.field.type === "time" ? 168 : 40)}px, ${column.field.type === "number" ? 1 : 1.6}fr)` : `${column.look.width}px`,
      sort: (row) => sortable(column, row),
      cellStyle: (row) => cellBackground(background.look, background.show(cellOf(background, row))),
      cell: (row) => {
        const cell = (
          <TableCell
            value={column.field.values[row] ?? null}
            field={column.field}
            display={column.show(cellOf(column, row))}
            range={column.range}
            look={column.look}
            scheme={look}
            links={linksOf(column.field, row)}
          />
        );
        if (column.field !== naming || column.text(row) === "") return cell;
        return (
          <RowMenu
            name={column.text(row)}
            subject={() => rowSubject(frame, row)}
            links={() => columns.flatMap((one) => linksOf(one.field, row))}
            labels={() => labelsOf(frame, row)}
            filters={onFilter ? "Filter the dashboard" : "Filter this table"}
            onFilter={(label, op) => filterRow(row, label, op)}
          >
            {cell}
          </RowMenu>
        );
      },
      ...(footer.show === true && { footer: footerText(column, rows, footer, look, column === columns[0]) }),
    };
  });

  const ordered = sortRows(rows, tableColumns, order);
  return (
    <div className={classes.panel}>
      {several && (
        <Select
          className={classes.frames}
          aria-label="Table"
          data={filled.map((one, key) => ({ value: String(key), label: one.name || one.refId || `Table ${key + 1}` }))}
          value={String(index)}
          onChange={(value) => setChosen(Number(value))}
        />
      )}
      <div className={classes.table}>
        <Table
          label={title === "" ? "Table" : title}
          columns={tableColumns}
          rows={paged ? ordered.slice(at * perPage, (at + 1) * perPage) : ordered}
          rowKey={String}
          sort={order}
          onSort={setSort}
          maxHeight={room - (paged ? pagerHeight : 0)}
          rowHeight={rowHeight}
          head={head}
        />
      </div>
      {paged && <Pager page={at} pages={pages} size={perPage} rows={rows.length} onPage={setPage} />}
    </div>
  );
}

function columnsOf(frame: Frame, frames: readonly Frame[], look: Look): Column[] {
  const used = new Map<string, number>();
  return frame.fields.filter(isShown).map((field) => {
    const plain = fieldName(field, frame, frames);
    const times = (used.get(plain) ?? 0) + 1;
    used.set(plain, times);
    const range = fieldRange(field, [frame]);
    const show = displayer(field, look, range);
    return { field, range, name: times > 1 ? `${plain} ${times}` : plain, look: cellLook(field), show, text: (row) => joinValue(show(valueOf(field, row))) };
  });
}

function cellOf(column: Column, row: number): Cell {
  return valueOf(column.field, row);
}

/** A cell's value; of a course the one value it is told by. */
function valueOf(field: Field, row: number): Cell {
  const value = field.values[row] ?? null;
  const trend = trendOf(value);
  return trend ? trendValue(trend, str(field.config.custom?.trendCalc, "lastNotNull")) : value;
}

function sortable(column: Column, row: number): string | number | null {
  const value = cellOf(column, row);
  if (typeof value === "number") return value;
  return value === null ? null : typeof value === "boolean" ? Number(value) : column.text(row);
}

function allTexts(column: Column): string[] {
  return column.field.values.map((_, row) => column.text(row));
}

function filterRows(frame: Frame | undefined, columns: readonly Column[], filters: ReadonlyMap<string, ReadonlySet<string>>): number[] {
  const count = Math.max(0, ...(frame?.fields.map((field) => field.values.length) ?? []));
  const tests = columns.flatMap((column) => {
    const wanted = filters.get(column.name);
    return wanted ? [(row: number) => wanted.has(column.text(row))] : [];
  });
  return Array.from({ length: count }, (_, row) => row).filter((row) => tests.every((test) => test(row)));
}

/** What stands below a column: its calculation over the rows that are shown, or their number. */
function footerText(column: Column, rows: readonly number[], footer: Record<string, unknown>, look: Look, first: boolean): string {
  const calc = strs(footer.reducer)[0] ?? "sum";
  if (bool(footer.countRows) && calc === "count") return first ? `Count ${rows.length}` : "";
  const wanted = strs(footer.fields).filter((name) => name !== "");
  if (column.field.type !== "number" || (wanted.length > 0 && !wanted.includes(column.name))) return "";
  const value = reduceValues(
    rows.map((row) => column.field.values[row] ?? null),
    calc,
  );
  const unit = calcUnit(calc, column.field.config.unit);
  const shown = unit === undefined ? column.field : { ...column.field, config: { ...column.field.config, unit } };
  return joinValue(displayer(shown, look, { min: 0, max: 1 })(value));
}
