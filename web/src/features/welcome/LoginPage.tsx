import { Button } from "@mantine/core";
import { useRouterState } from "@tanstack/react-router";

import { boot } from "../../lib/boot";
import type { RawSearch } from "../../lib/urlState";
import { LoginForm } from "./LoginForm";
import { refusalOf, startOf } from "./providers";
import classes from "./welcome.module.css";

/** The way in, where the server wants to know who asks. */
export function LoginPage() {
  const search = useRouterState({ select: (state) => state.location.search as RawSearch });
  // Where to after it: within the page, never elsewhere.
  const refused = refusalOf(search);
  const wanted = typeof search.next === "string" && /^\/(?![/\\])/.test(search.next) ? search.next : "/";
  return (
    <div className={classes.alone}>
      <h1 className={classes.brand}>
        <img src={`${boot.prefix}/favicon.svg`} alt="" width="28" height="28" /> Sign in to Oriel
      </h1>
      {refused !== undefined && (
        <div role="alert" className={classes.refused}>
          {refused.sentence}
          {refused.provider !== undefined && (
            <Button component="a" size="compact-xs" variant="default" href={startOf(refused.provider, wanted)}>
              Try again
            </Button>
          )}
        </div>
      )}
      {/* What the server knew when it handed out the page was about nobody: the page is asked for anew. */}
      <LoginForm next={wanted} onDone={() => location.assign(boot.prefix + wanted)} />
    </div>
  );
}
