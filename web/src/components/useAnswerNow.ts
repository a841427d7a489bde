import { useCallback, useRef } from "react";

import { usePauseReason } from "./refreshPause";
import { useAnswer, type Answer, type AnswerOptions } from "./useAnswer";

type Ask<T> = Parameters<typeof useAnswer<T>>[1];

const whenever = { from: 0, to: 0 };

/** The answer to what does not depend on the page's range: it is asked again with every refresh, not with every zoom. */
export function useAnswerNow<T>(question: readonly unknown[], ask: Ask<T>, options: Pick<AnswerOptions, "enabled" | "everyMs"> = {}): Answer<T> {
  return useAnswer(question, ask, { ...options, over: whenever });
}

// What somebody else does, such as silencing an alert, is to be seen within five seconds.
const calmMs = 4_000;
// A large answer costs server and browser seconds: no more than this part of the time goes into asking.
const share = 1 / 8;

/**
 * The answer to what is so now, such as what fires: it stays current by itself, whatever the header's refresh is set to. A tab
 * that cannot be seen asks nothing; one that is looked at again asks at once.
 */
export function useCurrent<T>(question: readonly unknown[], ask: Ask<T>, enabled = true): Answer<T> {
  const paused = usePauseReason() !== "";
  const tookMs = useRef(0);
  const timed: Ask<T> = async (context) => {
    const began = performance.now();
    const answer = await ask(context);
    tookMs.current = performance.now() - began;
    return answer;
  };
  const everyMs = useCallback(() => !paused && Math.max(calmMs, tookMs.current / share), [paused]);
  return useAnswerNow(question, timed, { enabled, everyMs });
}
