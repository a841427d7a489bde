// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import { filterKeys } from "./filterKeys";
import { useListKeys } from "./useListKeys";

function List({ did }: { did: (what: string) => void }) {
  useListKeys({
    onMove: (by) => did(`move ${by}`),
    onOpen: () => did("open"),
    onCopy: () => ({ text: "the row", what: "Row" }),
    extra: { w: () => did("wrap"), ...filterKeys },
  });
  const value = (name: string) => (
    <li>
      <button type="button" data-filter="in" onClick={() => did(`only ${name}`)}>
        Only {name}
      </button>
      <button type="button" data-filter="out" onClick={() => did(`without ${name}`)}>
        Without {name}
      </button>
      <button type="button">Copy {name}</button>
    </li>
  );
  return (
    <>
      <input aria-label="Query" />
      <ul>
        {value("a")}
        {value("b")}
      </ul>
    </>
  );
}

function open() {
  const did: string[] = [];
  render(<List did={(what) => did.push(what)} />);
  return { did, user: userEvent.setup() };
}

afterEach(() => {
  cleanup();
  localStorage.clear();
});

test("a list is gone through by letters and arrows, except while something is typed", async () => {
  const { did, user } = open();
  await user.keyboard("jk{ArrowDown}{Enter}w");
  expect(did).toEqual(["move 1", "move -1", "move 1", "open", "wrap"]);
  await user.type(screen.getByRole("textbox"), "jw");
  expect(did).toHaveLength(5);
});

test("letters that are switched off do nothing, arrows still do", async () => {
  localStorage.setItem("oriel.prefs", JSON.stringify({ shortcuts: false }));
  const { did, user } = open();
  await user.keyboard("jw+{ArrowUp}");
  expect(did).toEqual(["move -1"]);
});

test("Ctrl C copies the row, unless text is selected", async () => {
  open();
  const written = vi.spyOn(navigator.clipboard, "writeText");
  fireEvent.keyDown(document.body, { key: "c", ctrlKey: true });
  await waitFor(() => expect(written).toHaveBeenCalledWith("the row"));
  document.getSelection()?.selectAllChildren(screen.getByText("Only a"));
  fireEvent.keyDown(document.body, { key: "c", ctrlKey: true });
  expect(written).toHaveBeenCalledTimes(1);
  document.getSelection()?.removeAllRanges();
});

test("+ and - filter for the value that has the focus, and for nothing where it is not clear which", async () => {
  const { did, user } = open();
  await user.keyboard("+");
  expect(did).toEqual([]);
  screen.getByRole("button", { name: "Copy b" }).focus();
  await user.keyboard("+-");
  expect(did).toEqual(["only b", "without b"]);
});
