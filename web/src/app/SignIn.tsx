import { Button, Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useSyncExternalStore } from "react";

import { clearRefusal, refused, subscribe } from "../api/session";
import { boot } from "../lib/boot";
import { neededRole } from "../lib/role";

const LoginForm = lazy(async () => ({ default: (await import("../features/welcome/LoginForm")).LoginForm }));

/** Lets one sign in when a session has ended, over the page as it is; and says what a role is missing. */
export function SignIn() {
  const refusal = useSyncExternalStore(subscribe, refused);
  const queries = useQueryClient();
  const role = neededRole(refusal?.message ?? "");
  const done = (): void => {
    clearRefusal();
    void queries.invalidateQueries();
  };
  return (
    <Modal opened={refusal !== null} onClose={clearRefusal} title={refusal?.status === 403 ? (role ? `Needs the role ${role}` : "Not allowed") : "Sign in"} transitionProps={{ duration: 0 }}>
      {refusal?.status === 403 ? (
        <>
          <p>{refusal.message}</p>
          <p>An administrator can give you {role ? `the role ${role}, or another that may` : "a role that may"}.</p>
          <Button variant="default" onClick={clearRefusal}>
            Close
          </Button>
        </>
      ) : (
        <Suspense fallback={null}>{refusal && <LoginForm next={location.pathname.slice(boot.prefix.length) + location.search} onDone={done} />}</Suspense>
      )}
    </Modal>
  );
}
