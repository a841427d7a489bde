import { displayer, fieldRange, type Look } from "../../lib/dashboard/display";
import { fieldLinks } from "../../lib/dashboard/displayLinks";
import { hiddenFrom } from "../../lib/dashboard/displaySeries";
import { fieldName } from "../../lib/dashboard/fieldname";
import type { Frame } from "../../lib/dashboard/frame";
import { joinValue } from "../../lib/units";
import { ValueLink } from "../FieldLinks";
import { CardRow, HoverCard, Mark, type Spot } from "../HoverCard";
import type { PanelProps } from "../panel";
import type { MapMark } from "./layers";

interface MarkCardProps {
  mark: MapMark;
  frames: readonly Frame[];
  look: Look;
  at: Spot;
  /** It stays until the pointer leaves it, with the links of the row. */
  pinned: boolean;
  interpolate: PanelProps["interpolate"];
  onClose: () => void;
}

/** The row behind a mark. */
export function MarkCard({ mark: { frame, row, colour }, frames, look, at, pinned, interpolate, onClose }: MarkCardProps) {
  const fields = frame.fields.filter((field) => !hiddenFrom(field, "tooltip"));
  // Links of the panel are those of each of its fields.
  const all = pinned ? fields.flatMap((field) => fieldLinks({ field, frame, frames, row }, look, interpolate)) : [];
  const links = [...new Map(all.map((link) => [`${link.title} ${link.href}`, link])).values()];
  return (
    <HoverCard at={at} pinned={pinned && links.length > 0}>
      <div onPointerLeave={onClose}>
        {fields.map((field, index) => (
          <CardRow key={field.name + String(index)} mark={index === 0 ? <Mark colour={colour} /> : undefined} name={fieldName(field, frame, frames)} value={joinValue(displayer(field, look, fieldRange(field, frames))(field.values[row] ?? null))} />
        ))}
        {links.map((link) => (
          <div key={`${link.title} ${link.href}`}>
            <ValueLink link={link} />
          </div>
        ))}
      </div>
    </HoverCard>
  );
}
