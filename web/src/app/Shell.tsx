import { Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { boot } from "../lib/boot";
import { ExposedBanner } from "./ExposedBanner";
import { Header } from "./Header";
import { HelpDialog } from "./HelpDialog";
import { pageTitle } from "./pages";
import { Rail } from "./Rail";
import { TimeProvider } from "./TimeProvider";
import { useShortcuts } from "./useShortcuts";
import classes from "./Shell.module.css";

/** What surrounds every page: rail, header with the time range, shortcuts. */
export function Shell() {
  const [help, setHelp] = useState(false);
  return (
    <TimeProvider>
      <Shortcuts onHelp={() => setHelp(true)} />
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      <div className={classes.shell}>
        <Rail />
        <div className={classes.column}>
          <ExposedBanner addresses={boot.exposed} />
          <Header onHelp={() => setHelp(true)} />
          <main id="main" className={classes.main} tabIndex={-1}>
            <DocumentTitle />
            <Outlet />
          </main>
        </div>
      </div>
      <HelpDialog open={help} onClose={() => setHelp(false)} />
    </TimeProvider>
  );
}

function Shortcuts({ onHelp }: { onHelp: () => void }) {
  useShortcuts(onHelp);
  return null;
}

/** Names the browser's tab after the page. */
function DocumentTitle() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const { title } = pageTitle(path);
  useEffect(() => {
    document.title = title === "" ? "Oriel" : `${title} · Oriel`;
  }, [title]);
  return null;
}
