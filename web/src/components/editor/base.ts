import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { drawSelection, EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import { boot } from "../../lib/boot";

const highlight = HighlightStyle.define([
  { tag: [tags.function(tags.variableName), tags.keyword, tags.modifier, tags.operatorKeyword], color: "var(--o-syntax-keyword)" },
  { tag: [tags.string, tags.regexp], color: "var(--o-syntax-string)" },
  { tag: [tags.number, tags.bool, tags.literal], color: "var(--o-syntax-number)" },
  { tag: [tags.labelName, tags.propertyName, tags.attributeName], color: "var(--o-syntax-name)" },
  { tag: [tags.operator, tags.compareOperator, tags.logicOperator, tags.arithmeticOperator], color: "var(--o-muted)" },
  { tag: tags.comment, color: "var(--o-muted)", fontStyle: "italic" },
]);

const mistakes = HighlightStyle.define([{ tag: tags.invalid, textDecoration: "underline wavy var(--o-error)" }]);

/** Marks what a grammar cannot read. Not for PromQL, whose grammar knows no macros: its linter does. */
export const markMistakes: Extension = syntaxHighlighting(mistakes);

const look = EditorView.theme({
  "&": { fontSize: "13px", backgroundColor: "transparent", color: "var(--o-text)" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": { fontFamily: "var(--o-mono)", fontVariantLigatures: "none", padding: "5px 0", caretColor: "var(--o-text)" },
  ".cm-line": { padding: "0 8px" },
  ".cm-cursor": { borderLeftColor: "var(--o-text)" },
  ".cm-placeholder": { color: "var(--o-muted)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--o-selection)", outline: "none" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--o-selection) !important" },
  ".cm-tooltip": {
    backgroundColor: "var(--o-raised)",
    border: "1px solid var(--o-border)",
    borderRadius: "4px",
    boxShadow: "var(--o-shadow)",
    color: "var(--o-text)",
  },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--o-mono)", fontSize: "12px", maxHeight: "280px" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "2px 8px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--o-selection)", color: "var(--o-text)" },
  ".cm-completionDetail": { color: "var(--o-muted)", fontStyle: "normal", marginLeft: "12px" },
  ".cm-completionInfo": { padding: "6px 8px", maxWidth: "360px", fontFamily: "var(--o-sans)", fontSize: "12px" },
  ".cm-diagnostic": { fontFamily: "var(--o-sans)", fontSize: "12px" },
});

/** What the editor has in every language from the first: history, brackets, the theme's colours. */
export function baseExtensions(): Extension {
  return [
    boot.nonce === "" ? [] : EditorView.cspNonce.of(boot.nonce),
    history(),
    drawSelection(),
    bracketMatching(),
    EditorView.lineWrapping,
    syntaxHighlighting(highlight),
    look,
    keymap.of([...historyKeymap, ...defaultKeymap]),
  ];
}
