import { StateEffect, StateField, type Extension } from "@codemirror/state";
import { Decoration, EditorView, type DecorationSet } from "@codemirror/view";

/** A mistake in a query; half-open range of characters. */
export interface Problem {
  from: number;
  to: number;
  message: string;
}

const show = StateEffect.define<Problem | undefined>();

/** What the server says is wrong, underlined until the text changes there. */
const underlined = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, transaction) => {
    let next = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(show)) continue;
      const problem = effect.value;
      next = problem && problem.to > problem.from ? Decoration.set(Decoration.mark({ class: "o-problem", attributes: { title: problem.message } }).range(problem.from, problem.to)) : Decoration.none;
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const look = EditorView.baseTheme({ ".o-problem": { textDecoration: "underline wavy var(--o-error)", textDecorationSkipInk: "none" } });

export const problems: Extension = [underlined, look];

/** Underlines a problem of the text as it is, or none. */
export function showProblem(view: EditorView, problem: Problem | undefined): void {
  const { length } = view.state.doc;
  view.dispatch({ effects: show.of(problem && { ...problem, from: Math.min(problem.from, length), to: Math.min(problem.to, length) }) });
}
