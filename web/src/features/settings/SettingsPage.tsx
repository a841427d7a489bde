import { Tabs } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useGo } from "../../components/useGo";
import { usePageTitle } from "../../components/pageTitle";
import { boot } from "../../lib/boot";
import { About } from "./About";
import { Profile } from "./Profile";
import { Roles, Sessions, Tokens, Users } from "./people";
import { Sources } from "./Sources";
import classes from "./settings.module.css";

const tabs: readonly { key: string; title: string; body: () => ReactNode; people?: true }[] = [
  { key: "profile", title: "Profile", body: () => <Profile /> },
  { key: "users", title: "Users", body: () => <Users />, people: true },
  { key: "roles", title: "Roles", body: () => <Roles />, people: true },
  { key: "tokens", title: "Tokens", body: () => <Tokens />, people: true },
  { key: "sessions", title: "Sessions", body: () => <Sessions />, people: true },
  { key: "datasources", title: "Data sources", body: () => <Sources /> },
  { key: "about", title: "About", body: () => <About /> },
];

/** What one likes, who may what, where panels ask, and what this is. */
export function SettingsPage() {
  const { tab = "profile" } = useParams({ strict: false }) as { tab?: string };
  const go = useGo();
  const chosen = tabs.find((one) => one.key === tab) ?? tabs[0];
  usePageTitle(chosen?.title ?? "", "Settings");
  return (
    <Tabs value={chosen?.key ?? null} onChange={(key) => key && go(`/settings/${key}`)} keepMounted={false} activateTabWithKeyboard={false}>
      <Tabs.List aria-label="Settings" mb={12}>
        {tabs.map(({ key, title }) => (
          <Tabs.Tab key={key} value={key}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(({ key, body, people }) => (
        <Tabs.Panel key={key} value={key} className={classes.panel}>
          {people && !boot.auth ? <NoAuth /> : body()}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

/** What stands where people would be, while the server asks nobody who they are. */
function NoAuth() {
  return (
    <div className={classes.box}>
      <p>
        This server asks nobody who they are: whoever reaches it may do everything. Switch that on in <code>oriel.yaml</code> and start Oriel again; it
        prints a link that makes the first administrator.
      </p>
      <pre className={classes.code}>{"auth:\n  enabled: true"}</pre>
    </div>
  );
}
