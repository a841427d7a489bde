import { useRef, useState } from "react";

import { useDelayed } from "../../../components/useDelayed";
import { interpolate } from "../../../lib/dashboard/interpolate";
import type { PlacedPanel } from "../../../lib/dashboard/repeat";
import { useNearness } from "../useNearness";
import { pointsFor, usePanel } from "../usePanel";
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

/** One panel with its header. It asks for nothing and draws nothing before it comes near. */
export function PanelBox({ placed, width, height, editing = false }: PanelBoxProps) {
  const { panel, scope } = placed;
  const box = useRef<HTMLElement>(null);
  const nearness = useNearness(box);
  const [seen, setSeen] = useState(false);
  if (!seen && nearness !== "far") setSeen(true);
  const data = usePanel(panel, scope, width > 0 ? nearness : "far", pointsFor(width));
  const title = interpolate(panel.title, data.scopes, "text");
  const bare = title.trim() === "" && data.time.label === "";
  const label = title.trim() === "" ? `Panel ${panel.id}` : title;
  const inner = { width: Math.max(0, width - 18), height: Math.max(0, height - (bare ? 16 : headerHeight + 8) - 2) };

  return (
    <section ref={box} className={classes.panel} data-transparent={panel.transparent || undefined} aria-label={label} data-panel={panel.id} tabIndex={-1}>
      {seen && (
        <>
          {data.busy && <Progress />}
          <PanelHeader panel={panel} title={title} data={data} bare={bare} editing={editing} />
          <div className={classes.body} data-bare={bare || undefined} data-busy={data.busy || undefined}>
            {inner.width > 0 && <PanelBody panel={panel} title={title} data={data} width={inner.width} height={inner.height} />}
          </div>
        </>
      )}
    </section>
  );
}

function Progress() {
  return useDelayed(400) ? <div className={classes.progress} role="status" aria-label="Loading newer data" /> : null;
}
