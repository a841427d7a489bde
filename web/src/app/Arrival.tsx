import { VisuallyHidden } from "@mantine/core";
import { useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { useGivenTitle } from "../components/pageTitle";
import { pageTitle } from "../lib/pages";

/**
 * Names the browser's tab after the page. Of another page that is come to within this one, those who do not see it are told:
 * the focus goes to its heading, unless it is on something that the new page has too, such as the tab that was chosen.
 */
export function Arrival() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const arrived = useRouterState({ select: (state) => state.resolvedLocation?.pathname ?? "" });
  const given = useGivenTitle();
  const title = given.title || pageTitle(path).title;
  const before = useRef(arrived);
  useEffect(() => {
    document.title = title === "" ? "Oriel" : `${title} · Oriel`;
  }, [title]);
  useEffect(() => {
    const from = before.current;
    before.current = arrived;
    if (from === "" || arrived === "" || from === arrived) return;
    const at = document.activeElement;
    if (at?.closest("#main, [role='dialog']")) return;
    document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }, [arrived]);
  // A heading whose name comes with the data has been read without it.
  return <VisuallyHidden role="status">{given.title}</VisuallyHidden>;
}
