import { ActionIcon, Menu, Tooltip, useComputedColorScheme } from "@mantine/core";
import IconHelp from "@tabler/icons-react/dist/esm/icons/IconHelp.mjs";
import IconMoon from "@tabler/icons-react/dist/esm/icons/IconMoon.mjs";
import IconSearch from "@tabler/icons-react/dist/esm/icons/IconSearch.mjs";
import IconSun from "@tabler/icons-react/dist/esm/icons/IconSun.mjs";
import IconUser from "@tabler/icons-react/dist/esm/icons/IconUser.mjs";
import { onlineManager, useIsFetching, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";

import { signOut, whoAmI } from "../api/auth";
import { announce } from "../components/announce";
import { useGivenTitle } from "../components/pageTitle";
import { TimePicker } from "../components/time/TimePicker";
import { useTime } from "../components/time/TimeContext";
import { useGo } from "../components/useGo";
import { usePrefs } from "../components/usePrefs";
import { useUrlState } from "../components/useUrlState";
import { boot } from "../lib/boot";
import { pageTitle } from "../lib/pages";
import { sharedState } from "../lib/urlState";
import { EnvironmentSwitch } from "./EnvironmentSwitch";
import { ShareMenu } from "./ShareMenu";
import { TenantSwitch } from "./TenantSwitch";
import classes from "./Header.module.css";

/** Where one is, and the one place for time. */
export function Header({ onHelp, onPalette }: { onHelp: () => void; onPalette: () => void }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [shared, setShared] = useUrlState(sharedState);
  const time = useTime();
  const fetching = useIsFetching() > 0;
  const given = useGivenTitle();
  const { title, group } = given.title === "" ? pageTitle(path) : given;

  return (
    <header className={classes.header}>
      <div className={classes.crumbs}>
        {group && <span className={classes.group}>{group} / </span>}
        <h1 className={classes.title} dir="auto" tabIndex={-1}>{title || "Oriel"}</h1>
      </div>
      <TenantSwitch />
      {/* Before a login there is nobody to ask for. */}
      {(!boot.auth || boot.roles.length > 0) && <EnvironmentSwitch />}
      <Tooltip label="Palette (Ctrl K)">
        <ActionIcon aria-label="Open the palette" onClick={onPalette}>
          <IconSearch size={16} />
        </ActionIcon>
      </Tooltip>
      <TimePicker
        time={time}
        tz={time.tz ?? shared.tz}
        onTz={(tz) => setShared({ tz })}
        refresh={shared.refresh}
        onRefresh={(refresh) => setShared({ refresh })}
        fetching={fetching}
      />
      <div className={classes.tools}>
        <ShareMenu />
        <ThemeSwitch />
        <Tooltip label="Keyboard (?)">
          <ActionIcon aria-label="Keyboard shortcuts" onClick={onHelp}>
            <IconHelp size={16} />
          </ActionIcon>
        </Tooltip>
        {boot.auth && <UserMenu />}
      </div>
    </header>
  );
}

function ThemeSwitch() {
  const [, change] = usePrefs();
  const scheme = useComputedColorScheme("light");
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <Tooltip label={other === "light" ? "Light" : "Dark"}>
      <ActionIcon aria-label={`Switch to ${other}`} onClick={() => change({ theme: other })}>
        {other === "light" ? <IconSun size={16} /> : <IconMoon size={16} />}
      </ActionIcon>
    </Tooltip>
  );
}

function UserMenu() {
  const go = useGo();
  const me = useQuery({ queryKey: ["me"], queryFn: ({ signal }) => whoAmI(signal) });
  const user = me.data?.name ?? "";
  const queries = useQueryClient();
  const leave = async (): Promise<void> => {
    // What the page asks from here on would be refused, and ask for the password.
    onlineManager.setOnline(false);
    await queries.cancelQueries();
    try {
      await signOut();
      location.assign(`${boot.prefix}/login`);
    } catch (error) {
      onlineManager.setOnline(true);
      announce(`Signing out failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <ActionIcon aria-label={user === "" ? "Nobody is signed in" : `Signed in as ${user}`}>
          <IconUser size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {user !== "" && <Menu.Label>{user}</Menu.Label>}
        <Menu.Item onClick={() => go("/settings/profile")}>Profile</Menu.Item>
        {user === "" ? <Menu.Item onClick={() => go("/login")}>Sign in</Menu.Item> : <Menu.Item onClick={() => void leave()}>Sign out</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}
