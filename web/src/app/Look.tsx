import { useMantineColorScheme } from "@mantine/core";
import { useEffect } from "react";

import { usePrefs } from "../components/usePrefs";

const schemes = { system: "auto", light: "light", dark: "dark", contrast: "auto" } as const;

/** Puts the preferred theme and density on the document. */
export function Look() {
  const [{ theme, density }] = usePrefs();
  const { setColorScheme } = useMantineColorScheme();
  useEffect(() => {
    setColorScheme(schemes[theme]);
    const { dataset } = document.documentElement;
    if (theme === "contrast") dataset.contrast = "more";
    else delete dataset.contrast;
    dataset.density = density;
  }, [theme, density, setColorScheme]);
  return null;
}
