import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { lazy, Suspense, type ReactNode } from "react";

import { whoAmI } from "../../api/auth";
import { usePageTitle } from "../../components/pageTitle";
import { Loading } from "../../components/status";
import { useGo } from "../../components/useGo";
import { boot } from "../../lib/boot";
import { About } from "./About";
import { Appearance } from "./Appearance";
import { Profile } from "./Profile";
import { Roles, Sessions, Tokens, Users } from "./people";
import { Sources } from "./Sources";
import classes from "./settings.module.css";

const Queries = lazy(() => import("./Queries").then((loaded) => ({ default: loaded.Queries })));
const Correlations = lazy(() => import("./Correlations").then((loaded) => ({ default: loaded.Correlations })));
const Tenants = lazy(() => import("./Tenants").then((loaded) => ({ default: loaded.Tenants })));

interface SettingsTab {
  key: string;
  title: string;
  body: () => ReactNode;
  /** About people: nothing while the server asks nobody who they are. */
  people?: true;
  /** For administrators alone. */
  admin?: true;
}

const tabs: readonly SettingsTab[] = [
  { key: "profile", title: "Profile", body: () => <Profile /> },
  { key: "appearance", title: "Appearance", body: () => <Appearance /> },
  { key: "queries", title: "Queries", body: () => <Queries /> },
  { key: "correlations", title: "Correlation", body: () => <Correlations /> },
  { key: "users", title: "Users", body: () => <Users />, people: true, admin: true },
  { key: "roles", title: "Roles", body: () => <Roles />, people: true, admin: true },
  { key: "tokens", title: "Tokens", body: () => <Tokens />, people: true, admin: true },
  { key: "sessions", title: "Sessions", body: () => <Sessions />, people: true },
  { key: "tenants", title: "Tenants and limits", body: () => <Tenants />, admin: true },
  { key: "datasources", title: "Data sources", body: () => <Sources /> },
  { key: "about", title: "About", body: () => <About /> },
];

/** What one likes, who may what, where panels ask, and what this is. */
export function SettingsPage() {
  const { tab = "profile" } = useParams({ strict: false }) as { tab?: string };
  const go = useGo();
  const me = useQuery({ queryKey: ["me"], queryFn: ({ signal }) => whoAmI(signal), enabled: boot.auth });
  const governs = !boot.auth || (me.data?.scopes.includes("admin") ?? true);
  const chosen = tabs.find((one) => one.key === tab) ?? tabs[0];
  // A link to a part that is not for whoever follows it says so by what the server answers.
  const shown = tabs.filter((one) => governs || !one.admin || one === chosen);
  usePageTitle(chosen?.title ?? "", "Settings");
  return (
    <Tabs value={chosen?.key ?? null} onChange={(key) => key && go(`/settings/${key}`)} keepMounted={false} activateTabWithKeyboard={false}>
      <Tabs.List aria-label="Settings" mb={12}>
        {shown.map(({ key, title }) => (
          <Tabs.Tab key={key} value={key}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {shown.map(({ key, body, people }) => (
        <Tabs.Panel key={key} value={key} className={classes.panel}>
          {people && !boot.auth ? <NoAuth /> : <Suspense fallback={<Loading height={240} what="settings" />}>{body()}</Suspense>}
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
