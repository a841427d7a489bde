import { Switch, useComputedColorScheme } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";

import { namedColour } from "../../../lib/dashboard/colour";
import type { Dashboard } from "../../../lib/dashboard/model";
import type { RawSearch } from "../../../lib/urlState";
import classes from "../dashboard.module.css";

/** A switch for each annotation of the dashboard that is not hidden. */
export function AnnotationToggles({ dashboard, off }: { dashboard: Dashboard; off: ReadonlySet<string> }) {
  const navigate = useNavigate();
  const scheme = useComputedColorScheme("light");
  const shown = dashboard.annotations.filter((one) => !one.hide && !one.builtIn);
  if (shown.length === 0) return null;
  const toggle = (name: string): void => {
    void navigate({
      to: ".",
      search: (before: RawSearch) => {
        const names = [before.anno ?? []].flat();
        const next = names.includes(name) ? names.filter((one) => one !== name) : [...names, name];
        return { ...before, anno: next.length === 0 ? undefined : next };
      },
    });
  };
  return shown.map((one) => (
    <span key={one.name} className={classes.toggle}>
      <span className={classes.dot} style={{ background: namedColour(one.iconColor, scheme) ?? one.iconColor }} aria-hidden="true" />
      <Switch label={one.name} checked={!off.has(one.name)} onChange={() => toggle(one.name)} />
    </span>
  ));
}
