import { attempts } from "../../api/alertdesk";
import { useCurrent } from "../../components/useAnswerNow";
import { tellings, type Telling } from "./told";

const none: readonly Telling[] = [];
/** How telling somebody of an alert went last; nothing while that is not known, or of what was long ago. */
export function useTellings(): (fingerprint: string) => readonly Telling[] {
  const told = useCurrent(["notified", "attempts"], async ({ signal }) => tellings((await attempts({ limit: 1000 }, signal)).attempts));
  return (fingerprint) => told.data?.get(fingerprint) ?? none;
}
