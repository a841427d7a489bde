import IconChevronDown from "@tabler/icons-react/dist/esm/icons/IconChevronDown.mjs";
import IconChevronRight from "@tabler/icons-react/dist/esm/icons/IconChevronRight.mjs";
import type { CSSProperties } from "react";

import { useSize } from "../../../components/useSize";
import { useUrlState } from "../../../components/useUrlState";
import { interpolate } from "../../../lib/dashboard/interpolate";
import type { PlacedSection } from "../../../lib/dashboard/repeat";
import { useShared } from "../DashboardContext";
import { dashboardState } from "../state";
import { EditGrid } from "../edit/EditGrid";
import { RowTools } from "../edit/RowTools";
import { narrow, panelHeight, panelWidth } from "./gridSize";
import { PanelBox } from "./PanelBox";
import classes from "./sections.module.css";

/** Panels on their grid, under headings that fold. What is folded is neither drawn nor asked for. */
export function Sections({ sections, editing }: { sections: readonly PlacedSection[]; editing: boolean }) {
  const { ref, width } = useSize();
  const [state, set] = useUrlState(dashboardState);
  const toggle = (key: string): void => {
    set({ fold: state.fold.includes(key) ? state.fold.filter((one) => one !== key) : [...state.fold, key] });
  };
  return (
    <div ref={ref} className={classes.sections} style={width > 0 ? ({ "--width": `${width}px` } as CSSProperties) : undefined}>
      {sections.map((section) => {
        const folded = isFolded(section, state.fold);
        return (
          <div key={section.key} data-section={section.row?.id ?? "first"}>
            {section.row && (
              <div className={classes.headingRow}>
                <Heading section={section} folded={folded} onToggle={() => toggle(section.key)} />
                {editing && <RowTools row={section.row} sections={sections} />}
              </div>
            )}
            {!folded && section.panels.length > 0 && (editing ? <EditGrid section={section} sections={sections} width={width} /> : <Grid section={section} width={width} />)}
          </div>
        );
      })}
    </div>
  );
}

function isFolded({ row, key }: PlacedSection, fold: readonly string[]): boolean {
  return row !== null && row.collapsed !== fold.includes(key);
}

/** The `fold` of the URL with which all rows are open, or folded where all are open already. */
export function foldAll(sections: readonly PlacedSection[], fold: readonly string[]): string[] {
  const closing = !sections.some((section) => isFolded(section, fold));
  return sections.filter(({ row }) => row !== null && row.collapsed !== closing).map(({ key }) => key);
}

function Heading({ section, folded, onToggle }: { section: PlacedSection; folded: boolean; onToggle: () => void }) {
  const { scope } = useShared();
  const title = interpolate(section.row?.title ?? "", [section.scope, scope], "text");
  const count = section.panels.length;
  return (
    <h2 className={classes.heading}>
      <button type="button" aria-expanded={!folded} onClick={onToggle}>
        {folded ? <IconChevronRight size={16} aria-hidden="true" /> : <IconChevronDown size={16} aria-hidden="true" />}
        <span>{title || "Row"}</span>
        {folded && <span className={classes.count}>{count === 1 ? "1 panel" : `${count} panels`}</span>}
      </button>
    </h2>
  );
}

function Grid({ section, width }: { section: PlacedSection; width: number }) {
  return (
    <div className={classes.grid}>
      {section.panels.map((placed) => {
        const { x, y, w, h } = placed.pos;
        const place = { "--x": x + 1, "--y": y + 1, "--w": w, "--h": h } as CSSProperties;
        return (
          <div key={placed.key} className={classes.item} style={place} data-narrow={(width > 0 && width < narrow) || undefined}>
            <PanelBox placed={placed} width={panelWidth(width, w)} height={panelHeight(h)} />
          </div>
        );
      })}
    </div>
  );
}
