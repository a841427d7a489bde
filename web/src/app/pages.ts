import type { Icon } from "@tabler/icons-react";
import IconActivity from "@tabler/icons-react/dist/esm/icons/IconActivity.mjs";
import IconBell from "@tabler/icons-react/dist/esm/icons/IconBell.mjs";
import IconChartLine from "@tabler/icons-react/dist/esm/icons/IconChartLine.mjs";
import IconDatabase from "@tabler/icons-react/dist/esm/icons/IconDatabase.mjs";
import IconGauge from "@tabler/icons-react/dist/esm/icons/IconGauge.mjs";
import IconList from "@tabler/icons-react/dist/esm/icons/IconList.mjs";
import IconSitemap from "@tabler/icons-react/dist/esm/icons/IconSitemap.mjs";
import IconStack2 from "@tabler/icons-react/dist/esm/icons/IconStack2.mjs";
import IconTimeline from "@tabler/icons-react/dist/esm/icons/IconTimeline.mjs";

/** An entry of the left rail. */
export interface PageEntry {
  to: string;
  title: string;
  icon: Icon;
  /** Pressed after `g`, goes there. */
  key: string;
  /** Heading that the entry stands under. */
  group?: string;
}

/** The rail, in the order of an investigation. */
export const pages: readonly PageEntry[] = [
  { to: "/", title: "Overview", icon: IconActivity, key: "o" },
  { to: "/services", title: "Services", icon: IconStack2, key: "s" },
  { to: "/services/map", title: "Service map", icon: IconSitemap, key: "n" },
  { to: "/explore/metrics", title: "Metrics", icon: IconChartLine, key: "m", group: "Explore" },
  { to: "/explore/logs", title: "Logs", icon: IconList, key: "l", group: "Explore" },
  { to: "/explore/traces", title: "Traces", icon: IconTimeline, key: "t", group: "Explore" },
  { to: "/alerts", title: "Alerts", icon: IconBell, key: "a" },
  { to: "/data", title: "Data", icon: IconDatabase, key: "d" },
  { to: "/d/oriel", title: "Oriel itself", icon: IconGauge, key: "i" },
];

/** What a path's page is called, and the heading it stands under. */
export function pageTitle(path: string): { title: string; group: string } {
  const page = pages.find((one) => one.to === path);
  if (page) return { title: page.title, group: page.group ?? "" };
  if (path.startsWith("/trace/")) return { title: "Trace", group: "" };
  if (path.startsWith("/services/")) return { title: decoded(path.slice("/services/".length)), group: "Services" };
  return { title: "", group: "" };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
