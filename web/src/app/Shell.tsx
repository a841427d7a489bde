import { Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";

import { Beside } from "../components/correlate/Beside";
import { usePageActions } from "../components/pageActions";
import { useTime } from "../components/time/TimeContext";
import { useGo } from "../components/useGo";
import { useRecentQueries } from "../components/useRecentQueries";
import { boot } from "../lib/boot";
import { linkOf, queriesOf } from "../lib/share";
import { shift, zoomOut } from "../lib/time";
import type { RawSearch } from "../lib/urlState";
import { Announcer } from "./Announcer";
import { Arrival } from "./Arrival";
import { ExposedBanner } from "./ExposedBanner";
import { Header } from "./Header";
import { followFragments } from "./incoming";
import { LoadingVoice } from "./LoadingVoice";
import { Look } from "./Look";
import { Rail } from "./Rail";
import { Reconnecting } from "./Reconnecting";
import { Recovery } from "./Recovery";
import { copy } from "./ShareMenu";
import { SignIn } from "./SignIn";
import { TimeProvider } from "./TimeProvider";
import { useShortcuts } from "./useShortcuts";
import classes from "./Shell.module.css";

const EnvironmentNote = lazy(() => import("./EnvironmentNote").then((loaded) => ({ default: loaded.EnvironmentNote })));
const HelpDialog = lazy(async () => ({ default: (await import("./HelpDialog")).HelpDialog }));
const Palette = lazy(async () => ({ default: (await import("../features/palette/Palette")).Palette }));

// Whoever has not signed in sees these alone.
const bare = new Set(["/login"]);

/** What surrounds every page: rail, header with the time range, palette, shortcuts. */
export function Shell() {
  const [help, setHelp] = useState(false);
  const [palette, setPalette] = useState(false);
  // A screen on the wall shows the page alone.
  const kiosk = useRouterState({ select: (state) => (state.location.search as RawSearch).kiosk !== undefined });
  const alone = useRouterState({ select: (state) => bare.has(state.location.pathname) });
  const openHelp = useCallback(() => setHelp(true), []);
  const openPalette = useCallback(() => setPalette(true), []);
  const environment = useRouterState({ select: (state) => (state.location.search as RawSearch).env ?? "" });
  const surrounded = !kiosk && !alone;
  return (
    <TimeProvider>
      <Look />
      {!alone && <Keys onHelp={openHelp} onPalette={openPalette} />}
      <RecentQueries />
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      <div className={classes.shell}>
        {surrounded && <Rail />}
        <div className={classes.column}>
          <ExposedBanner addresses={boot.exposed} />
          <Reconnecting />
          <Recovery />
          {surrounded && <Header onHelp={openHelp} onPalette={openPalette} />}
          <main id="main" className={classes.main} tabIndex={-1}>
            <Arrival />
            <Suspense fallback={null}>{environment !== "" && <EnvironmentNote />}</Suspense>
            <Outlet />
            <Beside />
          </main>
        </div>
      </div>
      <Suspense fallback={null}>{help && <HelpDialog onClose={() => setHelp(false)} />}</Suspense>
      <Suspense fallback={null}>{palette && <Palette onClose={() => setPalette(false)} onHelp={openHelp} />}</Suspense>
      {!alone && <SignIn />}
      <Announcer />
      <LoadingVoice />
    </TimeProvider>
  );
}

/** The shell's keys, and the same for the palette. */
function Keys({ onHelp, onPalette }: { onHelp: () => void; onPalette: () => void }) {
  const time = useTime();
  const go = useGo();
  const onCopyLink = useCallback(() => copy(linkOf(location.href), "Link copied. It moves on with time."), []);
  useShortcuts({ onHelp, onPalette, onCopyLink });
  useEffect(() => followFragments((to) => go(to, { replace: true })), [go]);
  usePageActions([
    { id: "refresh", title: "Refresh", keys: "r", run: time.refresh },
    { id: "zoom-out", title: "Zoom out", keys: "t z", run: () => time.zoomTo(zoomOut(time.range, Date.now())) },
    { id: "back", title: "Half a range back", keys: "t ←", run: () => time.zoomTo(shift(time.range, -1)) },
    { id: "forward", title: "Half a range forward", keys: "t →", run: () => time.zoomTo(shift(time.range, 1)) },
    { id: "absolute", title: "Make the range absolute", keys: "t a", run: () => time.zoomTo(time.range) },
    { id: "copy-link", title: "Copy link", keys: "y", run: onCopyLink },
    { id: "copy-link-fixed", title: "Copy link to these times", run: () => copy(linkOf(location.href, time.range), "Link copied. It keeps these times.") },
  ]);
  return null;
}

/** Remembers the queries that were run. */
function RecentQueries() {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname ?? "" });
  const search = useRouterState({ select: (state) => (state.resolvedLocation?.search ?? {}) as RawSearch });
  const [, remember] = useRecentQueries();
  const queries = JSON.stringify(queriesOf(path, search));
  useEffect(() => {
    for (const one of (JSON.parse(queries) as ReturnType<typeof queriesOf>).toReversed()) remember(one);
  }, [queries, remember]);
  return null;
}
