import { useMantineColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useEffect } from "react";

import { usePrefs } from "../components/usePrefs";

const schemes = { system: "auto", light: "light", dark: "dark", contrast: "auto" } as const;

/** Puts the preferred theme and density on the document. */
export function Look() {
  const [{ theme, density }] = usePrefs();
  const { setColorScheme } = useMantineColorScheme();
  // What is drawn on a canvas keeps its colours: they have to fit the palette that the system forces on the rest.
  const forced = useMediaQuery("(forced-colors: active)");
  useEffect(() => {
    setColorScheme(forced ? "auto" : schemes[theme]);
    const { dataset } = document.documentElement;
    if (theme === "contrast") dataset.contrast = "more";
    else delete dataset.contrast;
    dataset.density = density;
  }, [theme, forced, density, setColorScheme]);
  return null;
}
