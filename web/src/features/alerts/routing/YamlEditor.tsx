import { setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";

import type { DraftProblem } from "../../../api/routing";
import { baseExtensions } from "../../../components/editor/base";
import classes from "../routing.module.css";

interface YamlEditorProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
  /** Underlined at their lines. */
  problems: readonly DraftProblem[];
}

/** A field for a whole configuration, with its problems underlined. */
export function YamlEditor({ label, value, onChange, problems }: YamlEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef({ value, onChange });
  useEffect(() => {
    latest.current = { value, onChange };
  });
  useEffect(() => {
    if (!host.current) return;
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          baseExtensions(),
          lineNumbers(),
          EditorView.contentAttributes.of({ "aria-label": label }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && update.state.doc.toString() !== latest.current.value) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, [label]);
  useEffect(() => {
    const current = view.current?.state.doc.toString();
    if (current === undefined || current === value) return;
    view.current?.dispatch({ changes: { from: 0, to: current.length, insert: value } });
  }, [value]);
  useEffect(() => {
    const shown = view.current;
    if (!shown) return;
    const marks = problems.flatMap(({ line, message }) => {
      if (line < 1 || line > shown.state.doc.lines) return [];
      const { from, to, text } = shown.state.doc.line(line);
      return [{ from: from + (text.length - text.trimStart().length), to, severity: "error" as const, message }];
    });
    shown.dispatch(setDiagnostics(shown.state, marks));
  }, [problems, value]);
  return <div ref={host} className={classes.editor} />;
}
