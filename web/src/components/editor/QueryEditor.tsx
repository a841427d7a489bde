import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import { EditorView, hoverTooltip, keymap, placeholder as placeholderText } from "@codemirror/view";

import { announce } from "../announce";
import { useRecentQueries } from "../useRecentQueries";
import { baseExtensions } from "./base";
import { loadLanguage, type Completions, type Language } from "./language";
import { problems, showProblem, type Problem } from "./problem";
import { recall } from "./recall";
import classes from "./editor.module.css";

export interface QueryEditorProps {
  language: Language;
  /** The text. A change from outside (Back, a link, a filter button) replaces what is being edited. */
  value: string;
  /** Every edit. */
  onChange: (text: string) => void;
  /** Mod+Enter; Enter and Shift+Enter break the line. Gets the current text. */
  onRun: (text: string) => void;
  /** Names to complete; a constant of the module or memoised, since a new one reloads the language. */
  completions?: Completions;
  /** The accessible name. */
  label: string;
  placeholder?: string;
  /** Marks the text as refused by the server. */
  invalid?: boolean;
  /** What the server says is wrong, and where: underlined. */
  problem?: Problem | undefined;
  /** What is told of a word under the pointer; a macro comes with its `$`. */
  hint?: (word: string) => string | undefined;
  autoFocus?: boolean;
}

/** A field for one query, with the grammar and completion of its language, loaded when first needed. */
export function QueryEditor({ language, value, completions, label, placeholder = "", invalid = false, problem, ...rest }: QueryEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const grammar = useRef(new Compartment());
  const [recent] = useRecentQueries();
  const latest = useRef({ value, language, recent, ...rest });
  const scheme = useComputedColorScheme("light");
  useEffect(() => {
    latest.current = { value, language, recent, ...rest };
  });

  useEffect(() => {
    if (!host.current) return;
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          Prec.high(keymap.of(runKeys((text) => latest.current.onRun(text)))),
          Prec.high(keymap.of([{ key: "Shift-Alt-f", run: (current) => layOut(current, latest.current.language) }])),
          recall(() => latest.current.recent.flatMap((one) => (one.language === latest.current.language ? [one.query] : []))),
          baseExtensions(),
          grammar.current.of([]),
          placeholderText(placeholder),
          problems,
          wordHints((word) => latest.current.hint?.(word)),
          EditorView.contentAttributes.of({ "aria-label": label, "data-query": "" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    if (latest.current.autoFocus) made.focus();
    return () => made.destroy();
  }, [label, placeholder]);

  useEffect(() => {
    let stale = false;
    const slot = grammar.current;
    void loadLanguage(language, completions).then((extension) => {
      if (!stale) view.current?.dispatch({ effects: slot.reconfigure(extension) });
    });
    return () => {
      stale = true;
    };
  }, [language, completions, label, placeholder]);

  useEffect(() => {
    const current = view.current?.state.doc.toString();
    if (current === undefined || current === value) return;
    view.current?.dispatch({ changes: { from: 0, to: current.length, insert: value } });
  }, [value]);

  useEffect(() => {
    if (view.current) showProblem(view.current, problem);
  }, [problem, label, placeholder]);

  return <div ref={host} className={classes.editor} data-invalid={invalid || undefined} data-scheme={scheme} />;
}

/** Has the server lay out the query; one it cannot read, or that is changed meanwhile, stays as it is. */
function layOut(view: EditorView, language: Language): boolean {
  const before = view.state.doc.toString();
  void import("../../api/formatQuery")
    .then(async ({ canFormat, formatQuery }) => {
      if (!canFormat(language)) return announce("There is no layout for TraceQL.");
      const text = await formatQuery(language, before);
      if (view.state.doc.toString() === before && text !== before) view.dispatch({ changes: { from: 0, to: before.length, insert: text }, selection: { anchor: text.length } });
    })
    .catch((error: unknown) => announce(`Not laid out: ${error instanceof Error ? error.message : String(error)}`));
  return true;
}

function runKeys(run: (text: string) => void) {
  const runNow = (view: EditorView): boolean => {
    run(view.state.doc.toString());
    return true;
  };
  const lineBreak = (view: EditorView): boolean => {
    view.dispatch(view.state.replaceSelection("\n"));
    return true;
  };
  return [
    { key: "Mod-Enter", run: runNow },
    { key: "Shift-Enter", run: lineBreak },
  ];
}

/** A word's hint while the pointer rests on it. */
function wordHints(hint: (word: string) => string | undefined) {
  return hoverTooltip((view, pos) => {
    const line = view.state.doc.lineAt(pos);
    for (const match of line.text.matchAll(/\$\{?\w+\}?|[\w:.]+/g)) {
      const from = line.from + match.index;
      const to = from + match[0].length;
      if (pos < from || pos > to) continue;
      const text = hint(match[0]);
      if (text === undefined) return null;
      const create = () => {
        const dom = document.createElement("div");
        dom.className = classes.hint ?? "";
        dom.textContent = text;
        return { dom };
      };
      return { pos: from, end: to, above: true, create };
    }
    return null;
  });
}
