// @vitest-environment jsdom
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import { Table, type TableColumn } from "./Table";

interface Row {
  name: string;
  size: number | null;
}

const columns: TableColumn<Row>[] = [
  { key: "name", header: "Name", cell: (row) => row.name, sort: (row) => row.name },
  { key: "size", header: "Size", align: "right", cell: (row) => row.size ?? "–", sort: (row) => row.size },
  { key: "note", header: "Note", cell: () => "x" },
];
const rows: Row[] = [
  { name: "b10", size: 2 },
  { name: "b9", size: null },
  { name: "a", size: 30 },
];
const table = (props = {}) => render(<Table label="Things" columns={columns} rows={rows} rowKey={(row) => row.name} {...props} />);
const names = () =>
  screen
    .getAllByRole("row")
    .slice(1)
    .map((row) => within(row).getAllByRole("cell")[0]?.textContent);

afterEach(cleanup);

test("rows come in the order given until a column sorts them", () => {
  table();
  expect(names()).toEqual(["b10", "b9", "a"]);
});

test("a header sorts downwards, then upwards; what has no value stays last", async () => {
  table();
  const size = screen.getByRole("button", { name: "Size" });
  await userEvent.click(size);
  expect(names()).toEqual(["a", "b10", "b9"]);
  expect(screen.getByRole("columnheader", { name: /Size/ })).toHaveAttribute("aria-sort", "descending");
  await userEvent.click(size);
  expect(names()).toEqual(["b10", "a", "b9"]);
});

test("text sorts with numbers in it as numbers", () => {
  table({ initialSort: "name" });
  expect(names()).toEqual(["a", "b9", "b10"]);
});

test("a column without a sort has no button", () => {
  table();
  expect(screen.queryByRole("button", { name: "Note" })).not.toBeInTheDocument();
});

test("a row answers to click and Enter", async () => {
  const onRow = vi.fn();
  table({ onRow });
  await userEvent.click(screen.getByText("a"));
  screen.getByText("b10").closest<HTMLElement>("[role=row]")?.focus();
  await userEvent.keyboard("{Enter}");
  expect(onRow.mock.calls.map(([row]) => (row as Row).name)).toEqual(["a", "b10"]);
});
