// @vitest-environment jsdom
import { EditorState } from "@codemirror/state";
import { EditorView, runScopeHandlers } from "@codemirror/view";
import { expect, test } from "vitest";

import { recall } from "./recall";

test("Alt and the arrows go through what was run, and back to what was typed", () => {
  const view = new EditorView({ state: EditorState.create({ doc: "typ", extensions: recall(() => ["newest", "typ", "older"]) }) });
  const press = (key: string) => runScopeHandlers(view, new KeyboardEvent("keydown", { key, altKey: true }), "editor");
  const text = () => view.state.doc.toString();
  press("ArrowUp");
  expect(text()).toBe("newest");
  press("ArrowUp");
  expect(text()).toBe("older");
  press("ArrowUp");
  expect(text()).toBe("older");
  press("ArrowDown");
  press("ArrowDown");
  expect(text()).toBe("typ");
  press("ArrowUp");
  view.dispatch({ changes: { from: 0, insert: "x" } });
  press("ArrowUp");
  press("ArrowDown");
  expect(text()).toBe("xnewest");
  view.destroy();
});
