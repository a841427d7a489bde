import type { Icon } from "@tabler/icons-react";
import IconActivity from "@tabler/icons-react/dist/esm/icons/IconActivity.mjs";
import IconBell from "@tabler/icons-react/dist/esm/icons/IconBell.mjs";
import IconChartLine from "@tabler/icons-react/dist/esm/icons/IconChartLine.mjs";
import IconDatabase from "@tabler/icons-react/dist/esm/icons/IconDatabase.mjs";
import IconGauge from "@tabler/icons-react/dist/esm/icons/IconGauge.mjs";
import IconLayoutDashboard from "@tabler/icons-react/dist/esm/icons/IconLayoutDashboard.mjs";
import IconList from "@tabler/icons-react/dist/esm/icons/IconList.mjs";
import IconSettings from "@tabler/icons-react/dist/esm/icons/IconSettings.mjs";
import IconSitemap from "@tabler/icons-react/dist/esm/icons/IconSitemap.mjs";
import IconStack2 from "@tabler/icons-react/dist/esm/icons/IconStack2.mjs";
import IconTimeline from "@tabler/icons-react/dist/esm/icons/IconTimeline.mjs";

import { pages, type NamedPage } from "../lib/pages";

/** An entry of the left rail. */
export type PageEntry = NamedPage & { icon: Icon };

const icons: Record<string, Icon> = {
  "/": IconActivity,
  "/services": IconStack2,
  "/services/map": IconSitemap,
  "/explore/metrics": IconChartLine,
  "/explore/logs": IconList,
  "/explore/traces": IconTimeline,
  "/dashboards": IconLayoutDashboard,
  "/alerts": IconBell,
  "/data": IconDatabase,
  "/d/oriel": IconGauge,
  "/settings/profile": IconSettings,
};

/** The rail, in the order of an investigation. */
export const rail: readonly PageEntry[] = pages.flatMap((page) => (page.rail ? [{ ...page, icon: icons[page.to] ?? IconActivity }] : []));
