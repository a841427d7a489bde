import { ActionIcon, Menu } from "@mantine/core";
import IconRouteAltRight from "@tabler/icons-react/dist/esm/icons/IconRouteAltRight.mjs";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useState, type ReactElement, type ReactNode } from "react";

import { somethingAt } from "../../api/probe";
import { placeOf } from "../../lib/correlate/place";
import { correlate, type Subject, type Target } from "../../lib/correlate/targets";
import { LazyMenu } from "../LazyMenu";
import { useTime } from "../time/TimeContext";
import { useRules } from "./useRules";

// Nobody waits longer for a menu: what is not known by then is offered.
const patienceMs = 300;

const groups: Record<Target["to"], string> = { logs: "Logs", traces: "Traces", trace: "Traces", metrics: "Metrics", browse: "Metrics", service: "Service" };

interface CorrelateMenuProps {
  /** What is asked about; read when the menu opens. */
  subject: () => Subject;
  /** The accessible name of the button. */
  label: string;
  /** Instead of the icon. */
  button?: ReactElement;
  /** Further items, below the rest. */
  children?: ReactNode;
}

/** Where else something is told of: logs, traces and metrics of the same thing at the same time. */
export function CorrelateMenu({ subject, label, button, children }: CorrelateMenuProps) {
  const target = button ?? (
    <ActionIcon size={24} variant="subtle" color="gray" aria-label={label} title={label}>
      <IconRouteAltRight size={14} />
    </ActionIcon>
  );
  return (
    <LazyMenu position="bottom-end" shadow="md" target={target}>
      <Items subject={subject} />
      {children}
    </LazyMenu>
  );
}

function Items({ subject }: { subject: () => Subject }) {
  const { range } = useTime();
  // Of one opening; the page may refresh meanwhile.
  const [what] = useState(subject);
  const [until] = useState(range.to);
  const rules = useRules();
  const targets = useMemo(() => correlate(what, until, rules), [what, until, rules]);
  const [page] = useState(range);
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), patienceMs);
    return () => clearTimeout(timer);
  }, []);
  const probes = useQueries({
    queries: targets.map((target) => ({
      queryKey: ["probe", target.to, target.queries, target.range ?? page],
      queryFn: async ({ signal }: { signal: AbortSignal }) => (await somethingAt(target, page, signal)) ?? null,
      retry: false,
      staleTime: 60_000,
    })),
  });
  if (targets.length === 0) return <Menu.Label>Nothing else tells of this: it names no service, pod or host</Menu.Label>;
  let group = "";
  return targets.map((target, index) => {
    const probe = probes[index];
    const empty = probe?.data === false;
    const waiting = probe?.isPending === true && !late;
    const heading = groups[target.to];
    const first = heading !== group;
    group = heading;
    return [
      first && <Menu.Label key={`${target.rule} label`}>{heading}</Menu.Label>,
      empty ? (
        <Menu.Item key={target.rule} disabled>
          {target.title}: none
        </Menu.Item>
      ) : (
        <Menu.Item key={target.rule} renderRoot={(props) => <Link {...props} {...placeOf(target)} />} aria-busy={waiting}>
          {target.title}
        </Menu.Item>
      ),
    ];
  });
}
