import { useMemo, useRef, useState, type CSSProperties, type KeyboardEvent, type PointerEvent } from "react";

import { arrange, within } from "../../../lib/dashboard/arrange";
import type { GridPos } from "../../../lib/dashboard/model";
import type { PlacedPanel, PlacedSection } from "../../../lib/dashboard/repeat";
import { crossed, panelHeight, panelWidth } from "../view/gridSize";
import { PanelBox } from "../view/PanelBox";
import sections from "../view/sections.module.css";
import { sectionAt, useDropMark } from "./dropTarget";
import { useEditor } from "./EditorContext";
import classes from "./editGrid.module.css";

type Edge = "move" | "e" | "s" | "se" | "w";

/** A panel on its way: what is dragged, and where it would come to stand. */
interface Drag {
  id: number;
  edge: Edge;
  from: { x: number; y: number };
  start: GridPos;
  pos: GridPos;
}

interface EditGridProps {
  section: PlacedSection;
  /** All of the dashboard: panels can be moved to another. */
  sections: readonly PlacedSection[];
  width: number;
}

/** A section whose panels move by their header, change size by their edges, and do both by the arrow keys. */
export function EditGrid({ section, sections: all, width }: EditGridProps) {
  const editor = useEditor();
  const grid = useRef<HTMLDivElement>(null);
  const markDrop = useDropMark();
  const [drag, setDrag] = useState<Drag | null>(null);
  const items = useMemo(() => section.panels.map(({ panel, pos }) => ({ id: panel.id, pos })), [section.panels]);
  const shown = useMemo(() => new Map((drag ? arrange(items, drag.id, drag.pos) : items).map((item) => [item.id, item.pos])), [items, drag]);

  const begin = (event: PointerEvent<HTMLElement>, placed: PlacedPanel, edge: Edge): void => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ id: placed.panel.id, edge, from: { x: event.clientX, y: event.clientY }, start: placed.pos, pos: placed.pos });
  };
  const follow = (event: PointerEvent): void => {
    if (!drag) return;
    const { columns, rows } = crossed(width, event.clientX - drag.from.x, event.clientY - drag.from.y);
    const pos = changed(drag.start, drag.edge, columns, rows);
    if (JSON.stringify(pos) !== JSON.stringify(drag.pos)) setDrag({ ...drag, pos });
    markDrop(drag.edge === "move" ? elsewhere(event) : undefined);
  };
  /** The section under the pointer, if it is another one than this. */
  const elsewhere = (event: PointerEvent): HTMLElement | undefined => {
    const found = sectionAt(event);
    return found && !found.contains(grid.current) ? found : undefined;
  };
  const end = (event: PointerEvent): void => {
    markDrop(undefined);
    setDrag(null);
    if (!drag) return;
    const target = drag.edge === "move" ? elsewhere(event) : undefined;
    if (target) editor?.moveTo(drag.id, rowOf(target), within({ ...drag.pos, y: rowsBelow(target, event) }));
    else if (JSON.stringify(drag.pos) !== JSON.stringify(drag.start)) editor?.place(drag.id, drag.pos);
  };
  const cancel = (): void => {
    markDrop(undefined);
    setDrag(null);
  };
  const onKey = (event: KeyboardEvent, placed: PlacedPanel): void => {
    if (event.key === "Escape" && drag) {
      event.preventDefault();
      cancel();
      return;
    }
    if (event.target !== event.currentTarget) return;
    if (event.key === "Delete") {
      event.preventDefault();
      editor?.remove(placed.panel.id);
      return;
    }
    if (event.key === "PageUp" || event.key === "PageDown") {
      const next = all[all.indexOf(section) + (event.key === "PageUp" ? -1 : 1)];
      event.preventDefault();
      if (next) editor?.moveTo(placed.panel.id, next.row?.id ?? null);
      return;
    }
    const step = arrows[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const pos = changed(placed.pos, event.shiftKey ? "se" : "move", step[0], step[1] * (event.shiftKey ? 1 : stride(placed, section)));
    editor?.place(placed.panel.id, pos);
  };

  const handlers = { onPointerMove: follow, onPointerUp: end, onPointerCancel: cancel };
  return (
    <div ref={grid} className={sections.grid}>
      {section.panels.map((placed) => {
        const { panel } = placed;
        const { x, y, w, h } = shown.get(panel.id) ?? placed.pos;
        const place = { "--x": x + 1, "--y": y + 1, "--w": w, "--h": h } as CSSProperties;
        return (
          // The panel takes the focus to be moved by keys.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions
          <div key={placed.key} className={`${sections.item} ${classes.item}`} style={place} data-dragged={drag?.id === panel.id || undefined} tabIndex={0} role="group" aria-label={`${panel.title || `Panel ${panel.id}`}: arrow keys move, with Shift resize, Page Up and Page Down move to another row, Delete removes`} onKeyDown={(event) => onKey(event, placed)}>
            <PanelBox placed={placed} width={panelWidth(width, w)} height={panelHeight(h)} editing />
            <span className={classes.handle} data-edge="move" aria-hidden="true" onPointerDown={(event) => begin(event, placed, "move")} {...handlers} />
            {(["e", "s", "se", "w"] as const).map((edge) => (
              <span key={edge} className={classes.handle} data-edge={edge} aria-hidden="true" onPointerDown={(event) => begin(event, placed, edge)} {...handlers} />
            ))}
          </div>
        );
      })}
    </div>
  );
}

/** The heading's id of a section on the page; null for the one without. */
function rowOf(target: HTMLElement): number | null {
  const id = Number(target.dataset.section);
  return Number.isNaN(id) ? null : id;
}

/** How many rows of the grid the pointer is below a section's panels' top. */
function rowsBelow(target: HTMLElement, event: PointerEvent): number {
  const panels = target.querySelector("[data-panel]")?.parentElement?.parentElement ?? target;
  return Math.max(0, crossed(1, 0, event.clientY - panels.getBoundingClientRect().top).rows);
}

const arrows: Record<string, readonly [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A panel rises until it meets another: one row down or up would be undone, so that it moves past its neighbour. */
function stride(placed: PlacedPanel, section: PlacedSection): number {
  const neighbours = section.panels.filter((one) => one !== placed && one.pos.x < placed.pos.x + placed.pos.w && placed.pos.x < one.pos.x + one.pos.w);
  return Math.max(1, ...neighbours.map((one) => one.pos.h));
}

function changed(start: GridPos, edge: Edge, columns: number, rows: number): GridPos {
  switch (edge) {
    case "move":
      return within({ ...start, x: start.x + columns, y: start.y + rows });
    case "e":
      return within({ ...start, w: Math.min(24 - start.x, start.w + columns) });
    case "s":
      return within({ ...start, h: start.h + rows });
    case "w": {
      const by = Math.max(-start.x, Math.min(start.w - 1, columns));
      return within({ ...start, x: start.x + by, w: start.w - by });
    }
    case "se":
      return within({ ...start, w: Math.min(24 - start.x, start.w + columns), h: start.h + rows });
  }
}
