import { ActionIcon, Menu } from "@mantine/core";
import IconRouteAltRight from "@tabler/icons-react/dist/esm/icons/IconRouteAltRight.mjs";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useState, type MouseEvent, type ReactElement, type ReactNode } from "react";

import { somethingAt } from "../../api/probe";
import { placeOf } from "../../lib/correlate/place";
import { correlate, type Subject, type Target } from "../../lib/correlate/targets";
import { LazyMenu } from "../LazyMenu";
import { useTime } from "../time/TimeContext";
import { canPeek } from "./peek";
import { useRules } from "./useRules";

// Few look beside the page, and none before the menu is open.
const PeekDrawer = lazy(async () => ({ default: (await import("./PeekDrawer")).PeekDrawer }));

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

/**
 * Where else something is told of: logs, traces and metrics of the same thing at the same time. They open beside the page, which
 * stays; with Ctrl or ⌘ in a tab of their own.
 */
export function CorrelateMenu({ subject, label, button, children }: CorrelateMenuProps) {
  const [peek, setPeek] = useState<Target>();
  const target = button ?? (
    <ActionIcon size={24} variant="subtle" color="gray" aria-label={label} title={label}>
      <IconRouteAltRight size={14} />
    </ActionIcon>
  );
  return (
    <>
      <LazyMenu position="bottom-end" shadow="md" target={target}>
        <Items subject={subject} onPeek={setPeek} />
        {children}
      </LazyMenu>
      {peek && (
        <Suspense fallback={null}>
          <PeekDrawer target={peek} onClose={() => setPeek(undefined)} />
        </Suspense>
      )}
    </>
  );
}

function Items({ subject, onPeek }: { subject: () => Subject; onPeek: (target: Target) => void }) {
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
      onPeek(target);
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
