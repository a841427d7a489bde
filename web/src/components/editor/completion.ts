import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, completionStatus } from "@codemirror/autocomplete";
import { lintKeymap } from "@codemirror/lint";
import { Prec, type Extension } from "@codemirror/state";
import { keymap, type EditorView } from "@codemirror/view";

/** What helps while one types in a query of any language; it comes with the language, since no sight of a query needs it. */
export function completion(): Extension {
  return [
    closeBrackets(),
    // Names are at hand once they were asked for; waiting for the next key would be most of what the list takes.
    autocompletion({ icons: false, maxRenderedOptions: 200, activateOnTypingDelay: 10 }),
    Prec.highest(keymap.of([{ key: "Tab", run: takeCompletion }])),
    Prec.high(keymap.of([...closeBracketsKeymap, ...completionKeymap, ...lintKeymap])),
  ];
}

/** Tab takes a completion while some are offered or on their way; otherwise it leaves the field, as everywhere on the page. */
function takeCompletion(view: EditorView): boolean {
  if (completionStatus(view.state) === null) return false;
  acceptCompletion(view);
  return true;
}
