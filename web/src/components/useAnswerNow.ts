import { useAnswer, type Answer } from "./useAnswer";

const whenever = { from: 0, to: 0 };

/** The answer to what does not depend on the page's range: it is asked again with every refresh, not with every zoom. */
export function useAnswerNow<T>(question: readonly unknown[], ask: Parameters<typeof useAnswer<T>>[1], { enabled = true }: { enabled?: boolean } = {}): Answer<T> {
  return useAnswer(question, ask, { enabled, over: whenever });
}
