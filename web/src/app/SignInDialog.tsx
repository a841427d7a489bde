import { Button, Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense } from "react";

import { clearRefusal, type Refused } from "../api/session";
import { useFocusBack } from "../components/useFocusBack";
import { boot } from "../lib/boot";
import { neededRole } from "../lib/role";

const LoginForm = lazy(async () => ({ default: (await import("../features/welcome/LoginForm")).LoginForm }));

/** What was refused, and what to do about it, over the page as it is. */
export function SignInDialog({ refusal }: { refusal: Refused }) {
  useFocusBack();
  const queries = useQueryClient();
  const role = neededRole(refusal.message);
  const done = (): void => {
    clearRefusal();
    void queries.invalidateQueries();
  };
  return (
    <Modal opened onClose={clearRefusal} title={refusal.status === 403 ? (role ? `Needs the role ${role}` : "Not allowed") : "Sign in"} transitionProps={{ duration: 0 }}>
      {refusal.status === 403 ? (
        <>
          <p>{refusal.message}</p>
          <p>An administrator can give you {role ? `the role ${role}, or another that may` : "a role that may"}.</p>
          <Button variant="default" onClick={clearRefusal}>
            Close
          </Button>
        </>
      ) : (
        <Suspense fallback={null}>
          <LoginForm next={location.pathname.slice(boot.prefix.length) + location.search} onDone={done} />
        </Suspense>
      )}
    </Modal>
  );
}
