import { serverStatus } from "../../api/oriel";import { useAnswerNow } from "../../components/useAnswerNow";


/** What the server says of itself now. */
export function useStatus() {
  return useAnswerNow(["oriel", "status"], ({ signal }) => serverStatus(signal));
}
