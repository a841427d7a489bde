import { Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { listDashboards } from "../../api/dashboards";
import { useTime } from "../../components/time/TimeContext";
import { interpolate } from "../../lib/dashboard/interpolate";
import { dashboardHref, linkTarget, type Handover } from "../../lib/dashboard/links";
import type { Dashboard, DashboardLink } from "../../lib/dashboard/model";
import { urlParams, type VariableState } from "../../lib/dashboard/variables";
import { useShared } from "./DashboardContext";
import { LinkAnchor } from "./view/LinkAnchor";
import classes from "./dashboard.module.css";

/** The dashboard's links: to addresses, and to the dashboards that have its tags. */
export function LinkBar({ dashboard, variables }: { dashboard: Dashboard; variables: readonly VariableState[] }) {
  const { raw } = useTime();
  const { scope } = useShared();
  if (dashboard.links.length === 0) return null;
  const handover: Handover = {
    time: `from=${encodeURIComponent(raw.from)}&to=${encodeURIComponent(raw.to)}`,
    variables: variables.map(urlParams).filter((one) => one !== "").join("&"),
  };
  return (
    <nav className={classes.links} aria-label="Links of the dashboard">
      {dashboard.links.map((link, index) => {
        const key = `${index} ${link.title}`;
        if (link.type === "dashboards") return <TaggedLinks key={key} link={link} handover={handover} own={dashboard.uid} />;
        const target = linkTarget(dashboardHref(link, interpolate(link.url, [scope], "percentencode"), handover));
        if (!target) return null;
        return (
          <LinkAnchor key={key} target={target} newTab={link.targetBlank} className={classes.link} title={link.tooltip}>
            {interpolate(link.title, [scope], "text") || target.href}
          </LinkAnchor>
        );
      })}
    </nav>
  );
}

function TaggedLinks({ link, handover, own }: { link: DashboardLink; handover: Handover; own: string }) {
  const found = useQuery({
    queryKey: ["dashboards", "tagged", link.tags],
    queryFn: ({ signal }) => listDashboards({ tag: link.tags }, signal),
    staleTime: 60_000,
  });
  const entries = (found.data ?? []).filter((one) => one.uid !== own);
  const targetOf = (uid: string) => ({ href: dashboardHref(link, `/d/${encodeURIComponent(uid)}`, handover), local: true });
  if (!link.asDropdown) {
    return entries.map((one) => (
      <LinkAnchor key={one.uid} target={targetOf(one.uid)} newTab={link.targetBlank} className={classes.link}>
        {one.title}
      </LinkAnchor>
    ));
  }
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <button type="button" className={classes.link} title={link.tooltip}>
          {link.title || link.tags.join(", ") || "Dashboards"} ▾
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={400} style={{ overflow: "auto" }}>
        {entries.length === 0 && <Menu.Label>{found.isPending ? "Asking for them" : "No other dashboard has these tags"}</Menu.Label>}
        {entries.map((one) => (
          <Menu.Item key={one.uid} component={LinkAnchor} target={targetOf(one.uid)} newTab={link.targetBlank}>
            {one.title}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
