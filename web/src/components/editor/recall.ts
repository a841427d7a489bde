import { Annotation, Prec, type Extension } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";

const recalled = Annotation.define<true>();

/** Alt and the arrows step through queries that were run before, newest first, and back to what was being typed. */
export function recall(recent: () => readonly string[]): Extension {
  let at = -1;
  let typed = "";
  const step = (by: 1 | -1) => (view: EditorView): boolean => {
    const now = view.state.doc.toString();
    if (at < 0) typed = now;
    const all = recent().filter((one) => one !== typed);
    const next = Math.max(-1, Math.min(at + by, all.length - 1));
    if (next !== at) {
      at = next;
      const text = at < 0 ? typed : (all[at] ?? "");
      view.dispatch({ changes: { from: 0, to: now.length, insert: text }, selection: { anchor: text.length }, annotations: recalled.of(true) });
    }
    return true;
  };
  return [
    Prec.highest(
      keymap.of([
        { key: "Alt-ArrowUp", run: step(1) },
        { key: "Alt-ArrowDown", run: step(-1) },
      ]),
    ),
    EditorView.updateListener.of((update) => {
      if (update.docChanged && !update.transactions.some((one) => one.annotation(recalled))) at = -1;
    }),
  ];
}
