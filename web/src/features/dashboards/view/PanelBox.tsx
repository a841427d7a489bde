import { memo, useMemo, useRef, useState, type RefObject } from "react";

import { TimeContext, useTime } from "../../../components/time/TimeContext";
import { useDelayed } from "../../../components/useDelayed";
import { interpolate } from "../../../lib/dashboard/interpolate";
import type { PlacedPanel } from "../../../lib/dashboard/repeat";
import { DashboardContext, useShared } from "../DashboardContext";
import { useNearness } from "../useNearness";
import { pointsFor, usePanel, usePlace, type Nearness } from "../usePanel";
import { PanelBody } from "./PanelBody";
import { PanelHeader } from "./PanelHeader";
import classes from "./panel.module.css";

interface PanelBoxProps {
  placed: PlacedPanel;
  /** Outer size in pixels. */
  width: number;
  height: number;
  editing?: boolean;
}

const headerHeight = 28;

/** One panel with its header. It asks for nothing and draws nothing before it comes near, nor after it has gone. */
export function PanelBox({ placed, width, height, editing = false }: PanelBoxProps) {
  const box = useRef<HTMLElement>(null);
  const shared = useShared();
  const time = useTime();
  const near = useNearness(box);
  const nearness = shared.printing ? "visible" : near;
  const now = useMemo(() => ({ shared, time, props: { placed, width, height, editing } }), [shared, time, placed, width, height, editing]);
  // A panel far away stays as it was: each refresh would otherwise draw all that was ever in sight.
  const [held, setHeld] = useState(now);
  if (nearness !== "far" && held !== now) setHeld(now);
  return (
    <TimeContext value={held.time}>
      <DashboardContext value={held.shared}>
        <Panel box={box} nearness={nearness} {...held.props} />
      </DashboardContext>
    </TimeContext>
  );
}

interface PanelProps extends Required<PanelBoxProps> {
  box: RefObject<HTMLElement | null>;
  nearness: Nearness;
}

const Panel = memo(function Panel({ box, nearness, placed, width, height, editing }: PanelProps) {
  const { panel, scope } = placed;
  const [seen, setSeen] = useState(false);
  if (!seen && nearness !== "far") setSeen(true);
  const { scopes } = usePlace(panel, scope);
  const title = interpolate(panel.title, scopes, "text");
  return (
    <section ref={box} className={classes.panel} data-transparent={panel.transparent || undefined} aria-label={title.trim() === "" ? `Panel ${panel.id}` : title} data-panel={panel.id} tabIndex={-1}>
      {seen && <Content title={title} nearness={nearness} placed={placed} width={width} height={height} editing={editing} />}
    </section>
  );
});

/** What is in a panel that has once been near: of hundreds, those never seen are only their boxes. */
function Content({ title, nearness, placed, width, height, editing }: Omit<PanelProps, "box"> & { title: string }) {
  const { panel, scope } = placed;
  const data = usePanel(panel, scope, width > 0 ? nearness : "far", pointsFor(width));
  const bare = title.trim() === "" && data.time.label === "";
  const inner = { width: Math.max(0, width - 18), height: Math.max(0, height - (bare ? 16 : headerHeight + 8) - 2) };
  return (
    <>
      {data.busy && <Progress />}
      <PanelHeader panel={panel} title={title} data={data} bare={bare} editing={editing} />
      <div className={classes.body} data-bare={bare || undefined} data-busy={data.busy || undefined}>
        {inner.width > 0 && <PanelBody panel={panel} title={title} data={data} width={inner.width} height={inner.height} visible={nearness === "visible"} />}
      </div>
    </>
  );
}

function Progress() {
  return useDelayed(400) ? <div className={classes.progress} role="status" aria-label="Loading newer data" /> : null;
}
