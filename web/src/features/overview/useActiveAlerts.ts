import { activeAlerts, type ActiveAlert } from "../../api/rules";
import type { Answer } from "../../components/useAnswer";
import { useCurrent } from "../../components/useAnswerNow";

/** What is pending or fires, asked once for all of the page. */
export function useActiveAlerts(): Answer<ActiveAlert[]> {
  return useCurrent(["alerts"], ({ signal }) => activeAlerts(signal));
}
