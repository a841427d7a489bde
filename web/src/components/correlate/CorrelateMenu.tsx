import { ActionIcon, Menu } from "@mantine/core";
import IconRouteAltRight from "@tabler/icons-react/dist/esm/icons/IconRouteAltRight.mjs";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useState, type MouseEvent, type ReactElement, type ReactNode } from "react";

import { somethingAt } from "../../api/probe";
import { besideState, canPeek, writePeek } from "../../lib/correlate/beside";
import { placeOf } from "../../lib/correlate/place";
import { correlate, type Subject, type Target } from "../../lib/correlate/targets";
import { LazyMenu } from "../LazyMenu";
import { useTime } from "../time/TimeContext";
import { useUrlState } from "../useUrlState";
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
  /** Further items, above the rest. */
  before?: ReactNode;
  /** Below the rest. */
  children?: ReactNode;
}

/**
 * Where else something is told of: logs, traces and metrics of the same thing at the same time. They open beside the page, which
 * stays; with Ctrl or ⌘ in a tab of their own.
 */
export function CorrelateMenu({ subject, label, button, before, children }: CorrelateMenuProps) {
  const target = button ?? (
    <ActionIcon size={24} variant="subtle" color="gray" aria-label={label} title={label}>
      <IconRouteAltRight size={14} />
    </ActionIcon>
  );
  return (
    <LazyMenu position="bottom-end" shadow="md" target={target}>
      {before}
      <CorrelateItems subject={subject} />
      {children}
    </LazyMenu>
  );
}

/** What a menu offers about a subject, read when the menu opens. */
function CorrelateItems({ subject }: { subject: () => Subject }) {
  const [, set] = useUrlState(besideState);
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
    const beside = (event: MouseEvent): void => {
      if (!canPeek(target) || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      set({ beside: writePeek(target) });
    };
    return [
      first && <Menu.Label key={`${target.rule} label`}>{heading}</Menu.Label>,
      empty ? (
        <Menu.Item key={target.rule} disabled>
          {target.title}: none
        </Menu.Item>
      ) : (
        <Menu.Item key={target.rule} onClick={beside} renderRoot={(props) => <Link {...props} {...placeOf(target)} />} aria-busy={waiting}>
          {target.title}
        </Menu.Item>
      ),
    ];
  });
}
