import { Loading } from "../components/status";

/** What stands for a page while its code is on its way. */
export function PagePending() {
  return <Loading as="page" height={640} what="the page" />;
}
