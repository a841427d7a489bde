import { lazy, Suspense, useSyncExternalStore } from "react";

import { refused, subscribe } from "../api/session";

// Dialogs are no part of what a page needs to be there.
const SignInDialog = lazy(async () => ({ default: (await import("./SignInDialog")).SignInDialog }));

/** Lets one sign in when a session has ended, over the page as it is; and says what a role is missing. */
export function SignIn() {
  const refusal = useSyncExternalStore(subscribe, refused);
  return <Suspense fallback={null}>{refusal && <SignInDialog refusal={refusal} />}</Suspense>;
}
