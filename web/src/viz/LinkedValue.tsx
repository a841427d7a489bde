import { useState, type ReactNode } from "react";

import type { FieldLink } from "../lib/dashboard/displayLinks";
import { ValueLink } from "./FieldLinks";
import { HoverCard, type Spot } from "./HoverCard";
import classes from "./viz.module.css";

/** A value that leads somewhere: a link where it has one, a menu of them where it has several, else itself. */
export function LinkedValue({ links, children }: { links: readonly FieldLink[]; children: ReactNode }) {
  const [open, setOpen] = useState<Spot | undefined>();
  const [first] = links;
  if (!first) return children;
  if (links.length === 1) {
    return (
      <ValueLink link={first} className={classes.linked}>
        {children}
      </ValueLink>
    );
  }
  return (
    <>
      <button
        type="button"
        className={classes.linked}
        aria-haspopup="menu"
        aria-expanded={open !== undefined}
        onClick={(event) => setOpen(open ? undefined : { x: event.clientX, y: event.clientY })}
        onBlur={(event) => {
          if (!event.relatedTarget) setTimeout(() => setOpen(undefined), 200);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") setOpen(undefined);
        }}
      >
        {children}
      </button>
      {open && (
        <HoverCard at={open} pinned>
          {links.map((link) => (
            <div key={`${link.title} ${link.href}`}>
              <ValueLink link={link} />
            </div>
          ))}
        </HoverCard>
      )}
    </>
  );
}
