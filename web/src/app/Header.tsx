import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import IconHelp from "@tabler/icons-react/dist/esm/icons/IconHelp.mjs";
import IconMoon from "@tabler/icons-react/dist/esm/icons/IconMoon.mjs";
import IconSun from "@tabler/icons-react/dist/esm/icons/IconSun.mjs";
import { useIsFetching } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";

import { TimePicker } from "../components/time/TimePicker";
import { useTime } from "../components/time/TimeContext";
import { useUrlState } from "../components/useUrlState";
import { sharedState } from "../lib/urlState";
import { pageTitle } from "./pages";
import classes from "./Header.module.css";

/** Where one is, and the one place for time. */
export function Header({ onHelp }: { onHelp: () => void }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [shared, setShared] = useUrlState(sharedState);
  const time = useTime();
  const fetching = useIsFetching() > 0;
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const { title, group } = pageTitle(path);

  return (
    <header className={classes.header}>
      <div className={classes.crumbs}>
        {group && <span className={classes.group}>{group} / </span>}
        <h1 className={classes.title}>{title || "Oriel"}</h1>
      </div>
      <TimePicker
        time={time}
        tz={shared.tz}
        onTz={(tz) => setShared({ tz })}
        refresh={shared.refresh}
        onRefresh={(refresh) => setShared({ refresh })}
        fetching={fetching}
      />
      <Tooltip label={scheme === "dark" ? "Light" : "Dark"}>
        <ActionIcon aria-label={`Switch to ${scheme === "dark" ? "light" : "dark"}`} onClick={() => setColorScheme(scheme === "dark" ? "light" : "dark")}>
          {scheme === "dark" ? <IconSun size={16} /> : <IconMoon size={16} />}
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Keyboard (?)">
        <ActionIcon aria-label="Keyboard shortcuts" onClick={onHelp}>
          <IconHelp size={16} />
        </ActionIcon>
      </Tooltip>
    </header>
  );
}
